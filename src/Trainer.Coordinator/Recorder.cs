using LstmCluster.Actors;

namespace LstmCluster.Training;

/// <summary>Where the events of a run go: the screen, a file, a test.</summary>
public interface ITrainingObserver
{
    /// <summary>Something happened. Called for one event at a time, in order.</summary>
    void On(TrainingEvent happened);
}

/// <summary>Passes events on, away from the coordinator's own time, and tells when the run has ended.</summary>
/// <param name="observers">Who hears of each event, in order.</param>
/// <param name="ended">Told once, of the event that ends the run.</param>
public sealed class Recorder(IReadOnlyList<ITrainingObserver> observers, Action<TrainingEvent> ended) : IActor
{
    /// <inheritdoc/>
    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (message is RecordWork { Work: var work })
        {
            foreach (var observer in observers.OfType<IWorkObserver>()) observer.On(work);
            return ValueTask.CompletedTask;
        }

        if (message is not Record { Event: var happened }) return context.Unhandled(message);
        foreach (var observer in observers) observer.On(happened);
        if (happened is RunFinished or RunInterrupted or RunFailed or RunDeposed) ended(happened);
        return ValueTask.CompletedTask;
    }
}
