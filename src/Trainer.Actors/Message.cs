namespace LstmCluster.Actors;

/// <summary>Base of every message: an immutable record.</summary>
/// <remarks>
/// A message that carries <see cref="Payload{T}"/>s owns one reference to each of them. Receiving it hands those references to
/// the receiver; a message that is never received is released by the runtime through <see cref="Release"/>.
/// </remarks>
public abstract record Message
{
    /// <summary>Gives back the payload references of a message that nobody will receive.</summary>
    public virtual void Release()
    {
    }
}

/// <summary>Tells a watcher that an actor it watches is gone, whatever the reason.</summary>
/// <param name="Actor">The actor that stopped.</param>
/// <param name="Failure">The exception it stopped with, or null when it was stopped in order.</param>
public sealed record Terminated(ActorRef Actor, Exception? Failure) : Message;
