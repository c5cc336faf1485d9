using System.Globalization;
using LstmCluster.Training;

namespace LstmCluster.Cli.Display;

/// <summary>For files, pipes and simple terminals: plain lines, never more than one step line in two seconds.</summary>
/// <param name="output">Standard output.</param>
/// <param name="wording">Events in words.</param>
/// <param name="time">Spaces the step lines.</param>
sealed class PlainDisplay(TextWriter output, Wording wording, TimeProvider time) : IDisplay
{
    static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);

    readonly RunView _view = new();
    long? _lastStepLine;

    /// <inheritdoc/>
    public void On(TrainingEvent happened)
    {
        _view.Take(happened);
        foreach (var line in LinesOf(happened)) output.WriteLine(line);
        output.Flush();
    }

    /// <inheritdoc/>
    public void Abandon()
    {
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    IReadOnlyList<string> LinesOf(TrainingEvent happened) => happened switch
    {
        RunStarted started => wording.Begin(started),
        StepCompleted => IsStepLineDue() ? [StepLine()] : [],
        RunFinished finished => wording.End(finished),
        RunInterrupted { Checkpointed: true } interrupted => Wording.End(interrupted),
        _ => wording.Of(happened) is { } message ? [message.Text] : [],
    };

    bool IsStepLineDue()
    {
        if (_view.Step < _view.Steps && _lastStepLine is { } last && time.GetElapsedTime(last) < s_interval) return false;
        _lastStepLine = time.GetTimestamp();
        return true;
    }

    string StepLine()
    {
        var steps = Numbers.Count(_view.Steps);
        var speed = _view.TokensPerSecond > 0 ? Numbers.Count(_view.TokensPerSecond) : "-";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"step {Numbers.Count(_view.Step).PadLeft(steps.Length)}/{steps}  {Numbers.Percent(_view.Fraction),7}  loss {Numbers.Loss(_view.Last!.TrainLoss),8}"
            + $"  {speed,9} {wording.Speed}  elapsed {Numbers.Time(_view.Elapsed),7}  left {(_view.Left is { } left ? Numbers.Time(left) : "-"),7}");
    }
}
