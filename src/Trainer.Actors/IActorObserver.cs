namespace LstmCluster.Actors;

/// <summary>Hears what no actor hears: messages that went nowhere, failures, restarts. A program logs them, so that nothing is swallowed.</summary>
/// <remarks>
/// Calls come from any thread, several at once, and before the message in question is released. An exception of an observer ends in
/// <see cref="IActorRuntime.Failure"/>: a run that can no longer report is a failed run.
/// </remarks>
public interface IActorObserver
{
    /// <summary>An actor had no use for a message.</summary>
    void Unhandled(ActorRef actor, Message message)
    {
    }

    /// <summary>A message was sent to an actor that has stopped, or was still in its mailbox when it stopped.</summary>
    /// <param name="sender">Who sent it; null when it came from outside of any actor.</param>
    /// <param name="target">The actor that is gone.</param>
    /// <param name="message">The message, about to be released.</param>
    void DeadLetter(ActorRef? sender, ActorRef target, Message message)
    {
    }

    /// <summary>An actor failed, and its supervision decided what to do.</summary>
    void Failed(ActorRef actor, Exception failure, Directive directive)
    {
    }

    /// <summary>An actor was made anew and has started.</summary>
    /// <param name="actor">The actor.</param>
    /// <param name="restarts">Its restarts within the window of its supervision, this one included.</param>
    void Restarted(ActorRef actor, int restarts)
    {
    }
}
