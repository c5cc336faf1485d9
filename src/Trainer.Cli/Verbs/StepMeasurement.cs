using LstmCluster.Training;

namespace LstmCluster.Cli.Verbs;

/// <summary>Times between steps and what they allocate, after a warm-up.</summary>
/// <param name="steps">Steps to measure.</param>
/// <param name="launches">Tells how many kernels were launched so far; null where there are none.</param>
sealed class StepMeasurement(int steps, Func<long>? launches = null) : ITrainingObserver
{
    // By then buffers have their size and the just-in-time compiler has done with the kernels, which it replaces in the background.
    const int WarmUpSteps = 40;

    readonly double[] _times = new double[steps];
    readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    bool _isCheckpointWritten;
    int _warm;
    int _taken = -1;
    double _lastSeconds;
    long _allocatedBefore, _launchedBefore;

    /// <summary>Ends when enough steps are measured.</summary>
    public Task Done => _done.Task;

    /// <summary>Steps measured.</summary>
    public int Steps => steps;

    /// <summary>Parameters of the model.</summary>
    public int Parameters { get; private set; }

    /// <summary>Target tokens of a step.</summary>
    public long TokensPerStep { get; private set; }

    /// <summary>From the end of a step to the end of the next, seconds.</summary>
    public double MedianSeconds
    {
        get
        {
            var sorted = _times.Order().ToArray();
            return (sorted[(steps - 1) / 2] + sorted[steps / 2]) / 2;
        }
    }

    /// <summary>Managed memory that all threads took, per step.</summary>
    public double AllocatedBytesPerStep { get; private set; }

    /// <summary>Kernels launched on all GPUs, per step; null where there are none.</summary>
    public double? LaunchesPerStep { get; private set; }

    /// <inheritdoc/>
    public void On(TrainingEvent happened)
    {
        switch (happened)
        {
            case RunStarted started: Parameters = started.Parameters; break;
            // Even one that failed is over.
            case CheckpointWritten or CheckpointNotWritten: _isCheckpointWritten = true; break;
            case StepCompleted step when _isCheckpointWritten && ++_warm > WarmUpSteps: Take(step); break;
        }
    }

    void Take(StepCompleted step)
    {
        if (_taken == steps) return;
        if (_taken < 0)
        {
            _allocatedBefore = GC.GetTotalAllocatedBytes(precise: true);
            _launchedBefore = launches?.Invoke() ?? 0;
            TokensPerStep = step.Tokens;
        }
        else
            _times[_taken] = step.Seconds - _lastSeconds;

        _lastSeconds = step.Seconds;
        if (++_taken < steps) return;
        AllocatedBytesPerStep = (GC.GetTotalAllocatedBytes(precise: true) - _allocatedBefore) / (double)steps;
        LaunchesPerStep = (launches?.Invoke() - _launchedBefore) / (double)steps;
        _done.SetResult();
    }
}
