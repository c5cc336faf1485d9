namespace LstmCluster.Actors;

/// <summary>Actors of another node that are watched from here. Each is watched once over the network, whoever watches it here.</summary>
sealed class WatchTable(Session session)
{
    readonly Dictionary<ulong, (RemoteRef Actor, HashSet<RoutedRef> Watchers)> _watches = [];
    readonly Lock _gate = new();
    bool _closed;

    /// <summary>False when the session is over.</summary>
    public bool TryAdd(RemoteRef actor, RoutedRef watcher)
    {
        var first = false;
        lock (_gate)
        {
            if (_closed) return false;
            if (!_watches.TryGetValue(actor.Id, out var watch))
            {
                _watches.Add(actor.Id, watch = (actor, []));
                first = true;
            }

            watch.Watchers.Add(watcher);
        }

        if (first) session.Outbox.SendWatch(actor);
        return true;
    }

    /// <summary>An actor is gone.</summary>
    public void Answer(ulong id, Exception? failure)
    {
        (RemoteRef Actor, HashSet<RoutedRef> Watchers) watch;
        lock (_gate)
        {
            if (!_watches.Remove(id, out watch)) return;
        }

        Tell(watch.Actor, watch.Watchers, failure);
    }

    /// <summary>The node is gone, and all its actors with it as far as can be known.</summary>
    public void Close(Exception reason)
    {
        (RemoteRef Actor, HashSet<RoutedRef> Watchers)[] watches;
        lock (_gate)
        {
            _closed = true;
            watches = [.. _watches.Values];
            _watches.Clear();
        }

        foreach (var (actor, watchers) in watches) Tell(actor, watchers, reason);
    }

    static void Tell(RemoteRef actor, HashSet<RoutedRef> watchers, Exception? failure)
    {
        foreach (var watcher in watchers) watcher.Post(new SystemMessage.WatchedStopped(new Terminated(actor, failure)));
    }
}
