using LstmCluster.Actors;

namespace LstmCluster.Simulation;

/// <summary>Sees what the actors of a simulated cluster hear and say. It changes nothing, and releases nothing.</summary>
public interface IProbe
{
    /// <summary>An actor was made, and starts.</summary>
    /// <param name="actor">Its address.</param>
    /// <param name="instance">What was made.</param>
    void Starts(ActorRef actor, IActor instance)
    {
    }

    /// <summary>An actor sends a message; its payloads can be read.</summary>
    void Sends(ActorRef actor, ActorRef target, Message message)
    {
    }

    /// <summary>An actor is about to handle a message; its payloads can be read.</summary>
    void Hears(ActorRef actor, Message message)
    {
    }

    /// <summary>An actor has handled a message, the payloads of which are its own by now.</summary>
    /// <param name="actor">The actor.</param>
    /// <param name="message">The message.</param>
    /// <param name="refused">True when it had no use for it (<see cref="IActorContext.Unhandled"/>).</param>
    void Handled(ActorRef actor, Message message, bool refused)
    {
    }
}
