using LstmCluster.Actors;

namespace LstmCluster.Cli.Operations;

/// <summary>Several observers of the actors of a process, as one.</summary>
/// <param name="first">Hears everything first.</param>
/// <param name="second">Hears it then.</param>
sealed class ActorObservers(IActorObserver first, IActorObserver second) : IActorObserver
{
    /// <summary>Both, or the one that there is; null for nobody.</summary>
    public static IActorObserver? Of(IActorObserver? first, IActorObserver? second) =>
        first is null ? second : second is null ? first : new ActorObservers(first, second);

    /// <inheritdoc/>
    public void Unhandled(ActorRef actor, Message message)
    {
        first.Unhandled(actor, message);
        second.Unhandled(actor, message);
    }

    /// <inheritdoc/>
    public void DeadLetter(ActorRef? sender, ActorRef target, Message message)
    {
        first.DeadLetter(sender, target, message);
        second.DeadLetter(sender, target, message);
    }

    /// <inheritdoc/>
    public void Failed(ActorRef actor, Exception failure, Directive directive)
    {
        first.Failed(actor, failure, directive);
        second.Failed(actor, failure, directive);
    }

    /// <inheritdoc/>
    public void Restarted(ActorRef actor, int restarts)
    {
        first.Restarted(actor, restarts);
        second.Restarted(actor, restarts);
    }
}
