namespace LstmCluster.Actors;

/// <summary>Runs actors: on threads, over a network, or in the deterministic simulator.</summary>
/// <remarks>
/// Disposing a runtime stops its actors, children first, and releases the messages that were not received.
/// </remarks>
public interface IActorRuntime : IAsyncDisposable
{
    /// <summary>Starts an actor at the root.</summary>
    ActorRef Spawn(string name, Func<IActor> create, ActorOptions? options = null);

    /// <summary>Sends a message from outside of any actor.</summary>
    void Send(ActorRef target, Message message);

    /// <summary>Ends when an exception is escalated past the root, with that exception as its result.</summary>
    Task<Exception> Failure { get; }
}
