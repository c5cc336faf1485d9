using LstmCluster.Actors;

namespace LstmCluster.Simulation;

/// <summary>What an actor with a <see cref="Tap"/> around it knows of the world: the same, but what it sends and starts goes through the tap.</summary>
sealed class TappedContext(IActorContext inner, Tap tap) : IActorContext
{
    public IActorContext Inner => inner;

    /// <summary>The message that the actor has refused in this turn; null for none.</summary>
    public Message? Refused { get; set; }

    public ActorRef Self => inner.Self;

    public DateTimeOffset Now => inner.Now;

    public TimeSpan Elapsed => inner.Elapsed;

    public Random Random => inner.Random;

    public void Send(ActorRef target, Message message)
    {
        if (tap.Mutation is null)
        {
            Tell(target, message);
            return;
        }

        foreach (var one in tap.Mutation.Send(Self, target, message).ToList()) Tell(target, one);
    }

    public IDisposable Schedule(TimeSpan delay, Message message) => inner.Schedule(delay, message);

    public void Watch(ActorRef actor) => inner.Watch(actor);

    public ActorRef Spawn(string name, Func<IActor> create, ActorOptions? options = null) => inner.Spawn(name, tap.Around(name, create), options);

    public void Stop(ActorRef actor) => inner.Stop(actor);

    public ValueTask Unhandled(Message message)
    {
        Refused = message;
        return inner.Unhandled(message);
    }

    void Tell(ActorRef target, Message message)
    {
        foreach (var probe in tap.Probes) probe.Sends(Self, target, message);
        inner.Send(target, message);
    }
}
