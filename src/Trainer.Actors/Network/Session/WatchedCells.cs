namespace LstmCluster.Actors;

/// <summary>Actors of this node that another one watches: the watcher that their cells know.</summary>
sealed class WatchedCells(Session session) : RoutedRef
{
    /// <summary>Far more than the actors of any node; what a peer may make this one remember.</summary>
    const int MaxWatches = 1 << 16;

    readonly HashSet<RoutedRef> _watched = [];
    readonly Lock _gate = new();
    bool _closed;

    public override string Path => $"//{session.Peer.Name}/";

    /// <exception cref="FrameException">The other node watches more than any node has reason to.</exception>
    public void Add(RoutedRef actor)
    {
        lock (_gate)
        {
            if (_closed || !_watched.Add(actor)) return;
            if (_watched.Count > MaxWatches) throw new FrameException($"more than {MaxWatches} actors are watched");
        }

        actor.Post(new SystemMessage.Watch(this));
    }

    /// <summary>The session is over: the cells forget that they were watched.</summary>
    public void Close()
    {
        RoutedRef[] watched;
        lock (_gate)
        {
            _closed = true;
            watched = [.. _watched];
            _watched.Clear();
        }

        foreach (var actor in watched) actor.Post(new SystemMessage.Unwatch(this));
    }

    internal override void Post(ActorRef? sender, Message message) => throw new InvalidOperationException("a watcher gets no messages");

    internal override void Post(SystemMessage message)
    {
        if (message is not SystemMessage.WatchedStopped { Notice: var notice }) throw new InvalidOperationException($"a watcher gets no {message}");
        lock (_gate)
        {
            if (!_watched.Remove((RoutedRef)notice.Actor)) return;
        }

        session.Outbox.SendGone(session.Node.AddressOf(notice.Actor).Id, notice.Failure);
    }
}
