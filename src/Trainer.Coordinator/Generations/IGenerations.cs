using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Makes the coordinators of a run, one for each term, each from the newest checkpoint that is whole.</summary>
public interface IGenerations
{
    /// <summary>Loads what a coordinator starts from.</summary>
    /// <param name="term">The coordinator's term.</param>
    /// <param name="keeper">Who starts it, hears its events, and is told of receivers that take no more.</param>
    /// <exception cref="IOException">The run directory cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    /// <exception cref="DeposedException">Another process is coordinator.</exception>
    Generation Begin(Term term, ActorRef keeper);

    /// <summary>Directory of the newest checkpoint that is whole; null when there is none.</summary>
    /// <exception cref="IOException">The run directory cannot be read.</exception>
    string? NewestCheckpoint();
}

/// <summary>A coordinator that is to be started, and what it holds. Disposed when the coordinator is gone, or was never started.</summary>
/// <param name="start">The last step applied before.</param>
/// <param name="coordinator">Makes the coordinator; called once.</param>
/// <param name="events">What is to be told before it starts.</param>
/// <param name="release">Gives back what it holds.</param>
public sealed class Generation(Step start, Func<IActor> coordinator, IReadOnlyList<TrainingEvent> events, Action release) : IDisposable
{
    /// <summary>The last step applied before.</summary>
    public Step Start => start;

    /// <summary>What is to be told before it starts.</summary>
    public IReadOnlyList<TrainingEvent> Events => events;

    /// <summary>Makes the coordinator; called once.</summary>
    public IActor CreateCoordinator() => coordinator();

    /// <inheritdoc/>
    public void Dispose() => release();
}
