namespace LstmCluster.Actors;

/// <summary>The address of an actor in another process. For each such actor there is one object, for as long as anybody holds it.</summary>
sealed class RemoteRef(RemoteNode node, ulong id, string localPath) : RoutedRef
{
    /// <summary>Its node's name and its path there: <c>//worker-7/worker-0</c>.</summary>
    public override string Path { get; } = $"//{node.Name}{localPath}";

    public RemoteNode Node => node;

    public ulong Id => id;

    public string LocalPath => localPath;

    internal override void Post(ActorRef? sender, Message message)
    {
        if (node.Session is { } session) session.Outbox.Post(sender, this, message);
        else node.Owner.Runtime.DeadLetter(sender, this, message);
    }

    internal override void Post(SystemMessage message)
    {
        switch (message)
        {
            case SystemMessage.Watch m:
                if (node.Session?.Watches.TryAdd(this, m.Watcher) is true) break;
                var lost = new NodeLostException(node.Id, "it is not connected");
                m.Watcher.Post(new SystemMessage.WatchedStopped(new Terminated(this, lost)));
                break;
            case SystemMessage.Stop:
                node.Session?.Outbox.SendStop(this);
                break;
            default:
                throw new InvalidOperationException($"{message} does not cross processes");
        }
    }
}
