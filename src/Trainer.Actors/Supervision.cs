namespace LstmCluster.Actors;

/// <summary>The four answers to an actor's exception.</summary>
public enum Directive
{
    /// <summary>Drop the message that failed and go on with the same state. An actor that failed to start stops instead.</summary>
    Resume,

    /// <summary>Dispose the actor, make it anew, keep its mailbox and its address. Its children stop, its timers and watches end.</summary>
    Restart,

    /// <summary>Stop the actor; its watchers hear of it.</summary>
    Stop,

    /// <summary>Stop the actor and fail its parent with the same exception; at the root the runtime fails.</summary>
    Escalate,
}

/// <summary>Chooses a directive for an exception, and limits how often an actor may be restarted.</summary>
/// <param name="Decide">The directive for an exception.</param>
/// <param name="MaxRestarts">Restarts allowed within <paramref name="Window"/>; one more becomes <see cref="Directive.Stop"/>.</param>
/// <param name="Window">The time that <paramref name="MaxRestarts"/> counts over.</param>
public sealed record Supervision(Func<Exception, Directive> Decide, int MaxRestarts, TimeSpan Window)
{
    /// <summary>Stops an actor at its first exception. A lost message is worse than a lost actor, so this is the default.</summary>
    public static Supervision StopOnFailure { get; } = new(_ => Directive.Stop, 0, TimeSpan.MaxValue);

    /// <summary>Fails the parent, and so in the end the runtime.</summary>
    public static Supervision EscalateOnFailure { get; } = new(_ => Directive.Escalate, 0, TimeSpan.MaxValue);

    /// <summary>Restarts an actor up to a number of times within a window, then stops it.</summary>
    public static Supervision RestartOnFailure(int maxRestarts, TimeSpan window) => new(_ => Directive.Restart, maxRestarts, window);
}
