using LstmCluster.Training;

namespace LstmCluster.Cli.Display;

/// <summary>Where a run stands, from the events so far.</summary>
sealed class RunView
{
    // Weight of the newest step in the smoothed time of a step: about the last twenty count.
    const double Smoothing = 0.1;

    double _secondsPerStep, _tokensPerStep;

    /// <summary>The beginning; null before it.</summary>
    public RunStarted? Started { get; private set; }

    /// <summary>The last step; null before the first.</summary>
    public StepCompleted? Last { get; private set; }

    /// <summary>Loss of the last validation, nats per token; null before the first.</summary>
    public double? ValidationLoss { get; private set; }

    /// <summary>Step of the last checkpoint; null before the first.</summary>
    public long? Checkpoint { get; private set; }

    /// <summary>Why the last checkpoint could not be written; null when it was.</summary>
    public string? CheckpointFailure { get; private set; }

    /// <summary>Workers that are ready.</summary>
    public int Workers { get; private set; }

    /// <summary>The last step applied.</summary>
    public long Step => Last?.Step ?? Started?.Step ?? 0;

    /// <summary>Steps of the job.</summary>
    public long Steps => Started?.Steps ?? 0;

    /// <summary>Steps done, 0 to 1.</summary>
    public double Fraction => Steps > 0 ? Math.Min(1, (double)Step / Steps) : 1;

    /// <summary>Of the last steps, whatever happened between them included; 0 before the second step.</summary>
    public double TokensPerSecond => _secondsPerStep > 0 ? _tokensPerStep / _secondsPerStep : 0;

    /// <summary>Seconds since this process began to train.</summary>
    public double Elapsed => Last?.Seconds ?? 0;

    /// <summary>Seconds that the steps left will take; null before there is something to tell it from.</summary>
    public double? Left => _secondsPerStep > 0 ? (Steps - Step) * _secondsPerStep : null;

    /// <summary>Takes in an event.</summary>
    public void Take(TrainingEvent happened)
    {
        switch (happened)
        {
            case RunStarted started: (Started, Workers, Checkpoint) = (started, started.Workers, started.Step > 0 ? started.Step : null); break;
            case RunRestarted restarted: (Started, Last, Checkpoint) = (Started! with { Step = restarted.Step }, null, restarted.Step > 0 ? restarted.Step : null); break;
            case StepCompleted step: Take(step); break;
            case ValidationCompleted validation: ValidationLoss = validation.ValidationLoss; break;
            case CheckpointWritten checkpoint: (Checkpoint, CheckpointFailure) = (checkpoint.Step, null); break;
            case CheckpointNotWritten failed: CheckpointFailure = failed.Reason; break;
            case WorkerCame came: Workers = came.Workers; break;
            case WorkerWent went: Workers = went.Workers; break;
        }
    }

    void Take(StepCompleted step)
    {
        // The time between two steps counts, not a step's own: it is what the person waits for.
        if (Last is not null)
        {
            var seconds = step.Seconds - Last.Seconds;
            var isFirst = _secondsPerStep == 0;
            _secondsPerStep += (isFirst ? 1 : Smoothing) * (seconds - _secondsPerStep);
            _tokensPerStep += (isFirst ? 1 : Smoothing) * (step.Tokens - _tokensPerStep);
        }

        (Last, Workers) = (step, step.Workers);
    }
}
