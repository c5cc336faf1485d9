using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>What a run counts over time: tokens per second, and when a checkpoint is due.</summary>
/// <param name="interval">Time or steps between checkpoints.</param>
public sealed class RunClock(CheckpointInterval interval)
{
    TimeSpan _start, _lastCheckpoint, _training;
    long _tokens;

    /// <summary>Tokens per second of the last training round.</summary>
    public double LastTokensPerSecond { get; private set; }

    /// <summary>Mean over the training rounds of this process.</summary>
    public double TokensPerSecond => _training > TimeSpan.Zero ? _tokens / _training.TotalSeconds : 0;

    /// <summary>Loss of the last training round; null before the first.</summary>
    public double? TrainLoss { get; set; }

    /// <summary>Loss of the last validation; null before the first.</summary>
    public double? ValidationLoss { get; set; }

    /// <summary>Begins to count.</summary>
    public void Start(TimeSpan now) => (_start, _lastCheckpoint) = (now, now);

    /// <summary>Seconds since <see cref="Start"/>.</summary>
    public double SecondsSinceStart(TimeSpan now) => (now - _start).TotalSeconds;

    /// <summary>Counts a training round.</summary>
    public void EndTraining(TimeSpan started, TimeSpan now, long tokens)
    {
        var elapsed = now - started;
        LastTokensPerSecond = elapsed > TimeSpan.Zero ? tokens / elapsed.TotalSeconds : 0;
        _training += elapsed;
        _tokens += tokens;
    }

    /// <summary>True when a checkpoint after this step is due; then the time to the next one begins.</summary>
    public bool IsCheckpointDue(Step step, TimeSpan now)
    {
        var due = interval switch
        {
            CheckpointBySteps bySteps => step.Value % bySteps.Steps == 0,
            CheckpointByTime byTime => now - _lastCheckpoint >= byTime.Time,
            _ => throw new InvalidOperationException($"no rule for {interval}"),
        };
        if (due) _lastCheckpoint = now;
        return due;
    }
}
