namespace LstmCluster.Actors;

/// <summary>The network and the speed of the simulated machines: decides what happens to each message and what handling it costs.</summary>
/// <remarks>
/// Asked in an order that depends on the seed only, so a policy that draws its faults from a seeded generator keeps a run reproducible.
/// Timers and the runtime's own messages (stop, <see cref="Terminated"/>) do not pass through it.
/// </remarks>
public interface IDeliveryPolicy
{
    /// <summary>Decides about one message. The policy must not release it.</summary>
    /// <param name="sender">Who sends it; null when it comes from outside of any actor.</param>
    /// <param name="receiver">Who shall get it.</param>
    /// <param name="message">The message.</param>
    /// <param name="elapsed">When it leaves its sender: the simulation's time since the start.</param>
    Delivery Route(ActorRef? sender, ActorRef receiver, Message message, TimeSpan elapsed) => Delivery.Immediate;

    /// <summary>How long a receiver is busy with a message: what it sends meanwhile leaves afterwards, and what it gets meanwhile waits.</summary>
    TimeSpan CostOf(ActorRef receiver, Message message) => TimeSpan.Zero;
}
