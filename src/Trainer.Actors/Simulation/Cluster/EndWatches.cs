namespace LstmCluster.Actors;

/// <summary>The watches that cross a connection, in either direction. They end with it.</summary>
/// <param name="end">The end that they are seen from.</param>
sealed class EndWatches(SessionEnd end) : RoutedRef
{
    readonly Dictionary<ActorCell, HashSet<RoutedRef>> _watchers = [];
    readonly HashSet<ActorCell> _watched = [];

    /// <summary>As a watcher, it stands for the other process.</summary>
    public override string Path { get; } = $"{end.Peer.Slot.Path}/";

    /// <summary>An actor of this process watches one of the other. Each is watched once over the network, whoever watches it here.</summary>
    public void Add(RoutedRef watcher, ActorCell actor)
    {
        if (_watchers.TryGetValue(actor, out var watchers))
        {
            watchers.Add(watcher);
            return;
        }

        _watchers.Add(actor, [watcher]);
        end.Outgoing.Tell(() => end.Outgoing.To.Watches.Accept(actor));
    }

    /// <summary>The connection is lost.</summary>
    public void Close(NodeLostException reason)
    {
        foreach (var actor in _watched) actor.Post(new SystemMessage.Unwatch(this));
        _watched.Clear();
        foreach (var (actor, watchers) in _watchers) Answer(actor, watchers, reason);
        _watchers.Clear();
    }

    internal override void Post(ActorRef? sender, Message message) => throw new InvalidOperationException("a watcher gets no messages");

    internal override void Post(SystemMessage message)
    {
        if (message is not SystemMessage.WatchedStopped { Notice: { Actor: ActorCell actor } notice }) throw new InvalidOperationException($"a watcher gets no {message}");
        if (!_watched.Remove(actor)) return;
        var failure = notice.Failure is null ? null : new RemoteFailureException(notice.Failure.Message);
        end.Outgoing.Tell(() => end.Outgoing.To.Watches.Gone(actor, failure));
    }

    void Accept(ActorCell actor)
    {
        if (_watched.Add(actor)) actor.Post(new SystemMessage.Watch(this));
    }

    void Gone(ActorCell actor, Exception? failure)
    {
        if (_watchers.Remove(actor, out var watchers)) Answer(actor, watchers, failure);
    }

    static void Answer(ActorCell actor, HashSet<RoutedRef> watchers, Exception? failure)
    {
        foreach (var watcher in watchers) watcher.Post(new SystemMessage.WatchedStopped(new Terminated(actor, failure)));
    }
}
