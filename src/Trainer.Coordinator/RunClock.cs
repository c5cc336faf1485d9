using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>What a run counts over time: tokens per second, and when a checkpoint is due. One for all generations of a process, which follow each other.</summary>
/// <param name="interval">Time or steps between checkpoints.</param>
public sealed class RunClock(CheckpointInterval interval)
{
    TimeSpan? _start;
    TimeSpan _lastCheckpoint, _training;
    long _tokens, _lastCheckpointStep;

    /// <summary>Tokens per second of the last training round.</summary>
    public double LastTokensPerSecond { get; private set; }

    /// <summary>Mean over the training rounds of this process, those that had to be done again included.</summary>
    public double TokensPerSecond => _training > TimeSpan.Zero ? _tokens / _training.TotalSeconds : 0;

    /// <summary>Loss of the last training round; null before the first.</summary>
    public double? TrainLoss { get; set; }

    /// <summary>Loss of the last validation; null before the first.</summary>
    public double? ValidationLoss { get; set; }

    /// <summary>A generation begins: the next checkpoint is counted from here, all else goes on from the first one.</summary>
    /// <param name="applied">The last step applied before.</param>
    /// <param name="now">The runtime's clock.</param>
    public void Start(Step applied, TimeSpan now)
    {
        _start ??= now;
        BeginCheckpoint(applied, now);
    }

    /// <summary>Seconds since the first <see cref="Start"/>.</summary>
    public double SecondsSinceStart(TimeSpan now) => (now - (_start ?? now)).TotalSeconds;

    /// <summary>Counts a training round.</summary>
    public void EndTraining(TimeSpan started, TimeSpan now, long tokens)
    {
        var elapsed = now - started;
        LastTokensPerSecond = elapsed > TimeSpan.Zero ? tokens / elapsed.TotalSeconds : 0;
        _training += elapsed;
        _tokens += tokens;
    }

    /// <summary>True when a checkpoint after this step is due.</summary>
    public bool IsCheckpointDue(Step step, TimeSpan now) => interval switch
    {
        CheckpointBySteps bySteps => step.Value / bySteps.Steps > _lastCheckpointStep / bySteps.Steps,
        CheckpointByTime byTime => now - _lastCheckpoint >= byTime.Time,
        _ => throw new InvalidOperationException($"no rule for {interval}"),
    };

    /// <summary>Counts steps and time to the next checkpoint from here.</summary>
    public void BeginCheckpoint(Step step, TimeSpan now) => (_lastCheckpointStep, _lastCheckpoint) = (step.Value, now);
}
