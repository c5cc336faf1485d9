using LstmCluster.Training;

namespace LstmCluster.Cli.Display;

/// <summary>For programs: every event as one JSON object a line.</summary>
/// <param name="output">Standard output.</param>
sealed class JsonDisplay(TextWriter output) : IDisplay
{
    /// <inheritdoc/>
    public void On(TrainingEvent happened)
    {
        output.WriteLine(happened.ToJson());
        output.Flush();
    }

    /// <inheritdoc/>
    public void Abandon()
    {
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
