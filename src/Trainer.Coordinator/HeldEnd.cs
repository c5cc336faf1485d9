namespace LstmCluster.Training;

/// <summary>Keeps back that a run has finished until what is fitted to its result is there, so that the end is the last that its observer hears.</summary>
class HeldEnd : ITrainingObserver
{
    readonly ITrainingObserver _observer;
    bool _isHeld;

    HeldEnd(ITrainingObserver observer) => _observer = observer;

    /// <summary>Stands before an observer. It is told how time is spent where it wants to know.</summary>
    public static HeldEnd Of(ITrainingObserver observer) => observer is IWorkObserver work ? new OfWork(observer, work) : new HeldEnd(observer);

    /// <inheritdoc/>
    public void On(TrainingEvent happened)
    {
        if (happened is RunFinished) _isHeld = true;
        else _observer.On(happened);
    }

    /// <summary>Tells how it ended, if that was kept back.</summary>
    /// <param name="end">That the run has finished, or that it was interrupted before everything was there.</param>
    public void Release(TrainingEvent end)
    {
        if (!_isHeld) return;
        _isHeld = false;
        _observer.On(end);
    }

    sealed class OfWork(ITrainingObserver observer, IWorkObserver work) : HeldEnd(observer), IWorkObserver
    {
        public void On(StepWork spent) => work.On(spent);
    }
}
