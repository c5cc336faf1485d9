using LstmCluster.Training;

namespace LstmCluster.Cli.Display;

/// <summary>For programs: every event as one JSON object a line.</summary>
/// <param name="output">Standard output.</param>
sealed class JsonDisplay(TextWriter output) : IDisplay
{
    readonly Lock _lock = new();

    /// <inheritdoc/>
    public void On(TrainingEvent happened)
    {
        // A signal's notice comes from another thread.
        lock (_lock)
        {
            output.WriteLine(happened.ToJson());
            output.Flush();
        }
    }

    /// <inheritdoc/>
    public void Abandon()
    {
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
