namespace LstmCluster.Actors;

/// <summary>What an actor sees of its cell and of the runtime.</summary>
sealed class ActorContext(ActorCell cell) : IActorContext
{
    readonly LocalRuntime _runtime = cell.Runtime;
    Random? _random;

    public ActorRef Self => cell;

    public DateTimeOffset Now => _runtime.Now;

    public TimeSpan Elapsed => _runtime.Elapsed;

    public Random Random => _random ??= StableHash.RandomFor(_runtime.Seed, cell.Path);

    public void Send(ActorRef target, Message message)
    {
        // A killed actor is still disposed, but the world must not hear from the dead.
        if (cell.IsKilled) _runtime.Discard(message);
        else LocalRuntime.Send(cell, target, message);
    }

    public IDisposable Schedule(TimeSpan delay, Message message) => cell.Schedule(delay, message);

    public void Watch(ActorRef actor) => cell.Watch(LocalRuntime.Route(actor));

    public ActorRef Spawn(string name, Func<IActor> create, ActorOptions? options = null) => cell.SpawnChild(name, create, options);

    public void Stop(ActorRef actor) => _runtime.Stop(LocalRuntime.Route(actor));

    public ValueTask Unhandled(Message message)
    {
        _runtime.ReportUnhandled(cell, message);
        _runtime.Discard(message);
        return ValueTask.CompletedTask;
    }
}
