namespace LstmCluster.Actors;

/// <summary>The address of an actor that has lived in this process and of which nothing else is left here.</summary>
sealed class DepartedRef(LocalRuntime runtime, ulong id, string path) : RoutedRef
{
    public override string Path => path;

    public ulong Id => id;

    internal override void Post(ActorRef? sender, Message message) => runtime.DeadLetter(sender, this, message);

    internal override void Post(SystemMessage message)
    {
        if (message is SystemMessage.Watch m) m.Watcher.Post(new SystemMessage.WatchedStopped(new Terminated(this, null)));
    }
}
