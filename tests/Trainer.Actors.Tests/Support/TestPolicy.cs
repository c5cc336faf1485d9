namespace LstmCluster.Actors.Tests;

/// <summary>A delivery policy made of lambdas.</summary>
sealed class TestPolicy : IDeliveryPolicy
{
    public Func<Message, Delivery> Decide { get; init; } = _ => Delivery.Immediate;

    public Func<ActorRef, Message, TimeSpan> Cost { get; init; } = (_, _) => TimeSpan.Zero;

    public Delivery Route(ActorRef? sender, ActorRef receiver, Message message, TimeSpan elapsed) => Decide(message);

    public TimeSpan CostOf(ActorRef receiver, Message message) => Cost(receiver, message);
}
