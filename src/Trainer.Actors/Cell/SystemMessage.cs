namespace LstmCluster.Actors;

/// <summary>What cells tell each other. These never compete with messages of actors for room, and go first.</summary>
abstract record SystemMessage
{
    /// <summary>Make the actor and let it start. Always the first message of a cell.</summary>
    public sealed record Start : SystemMessage
    {
        public static Start Instance { get; } = new();
    }

    /// <summary>The children of a failed actor are gone: make it anew.</summary>
    public sealed record Renew : SystemMessage
    {
        public static Renew Instance { get; } = new();
    }

    /// <summary>Stop, children first.</summary>
    /// <param name="Failure">Why, or null for an orderly stop.</param>
    /// <param name="Escalate">True to fail the parent with <paramref name="Failure"/> afterwards.</param>
    public sealed record Stop(Exception? Failure = null, bool Escalate = false) : SystemMessage
    {
        public static Stop InOrder { get; } = new();
    }

    /// <summary>Tell <paramref name="Watcher"/> when the actor is gone.</summary>
    public sealed record Watch(RoutedRef Watcher) : SystemMessage;

    /// <summary>Do not tell <paramref name="Watcher"/> any more.</summary>
    public sealed record Unwatch(RoutedRef Watcher) : SystemMessage;

    /// <summary>A watched actor is gone.</summary>
    public sealed record WatchedStopped(Terminated Notice) : SystemMessage;

    /// <summary>A child is gone, and with <paramref name="Escalated"/> its parent fails for the same reason.</summary>
    public sealed record ChildStopped(ActorCell Child, Exception? Escalated) : SystemMessage;

    /// <summary>The actor fails for a reason outside of its own code.</summary>
    public sealed record Fail(Exception Failure) : SystemMessage;
}
