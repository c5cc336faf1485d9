namespace LstmCluster.Actors.Tests;

/// <summary>A runtime under test with a clock that the test moves.</summary>
public abstract class RuntimeHarness : IAsyncDisposable
{
    internal virtual RecordingObserver Observer { get; } = new();

    internal abstract IActorRuntime Runtime { get; }

    /// <summary>Lets the actors run until a task of theirs ends.</summary>
    internal abstract Task Reach(Task task);

    /// <summary>Moves the clock.</summary>
    internal abstract void Advance(TimeSpan span);

    /// <summary>Lets the actors run until they have handled all that was sent to one of them from outside.</summary>
    internal Task Settle(ActorRef actor)
    {
        var probe = new Probe();
        Runtime.Send(actor, probe);
        return Reach(probe.Reached.Task);
    }

    /// <summary>Lets the actors run until one of them is gone.</summary>
    /// <returns>What a watcher hears of it.</returns>
    internal virtual async Task<Terminated> Gone(ActorRef actor)
    {
        var heard = new TaskCompletionSource<Terminated>(TaskCreationOptions.RunContinuationsAsynchronously);
        Runtime.Spawn($"watcher-{Guid.NewGuid()}", () => new TestActor
        {
            OnStarted = context => context.Watch(actor),
            OnMessage = (message, _) => heard.SetResult((Terminated)message),
        });
        await Reach(heard.Task);
        return await heard.Task;
    }

    public abstract ValueTask DisposeAsync();
}

sealed class ThreadHarness : RuntimeHarness
{
    readonly FakeTimeProvider _time = new();
    readonly ThreadRuntime _runtime;

    public ThreadHarness() => _runtime = new ThreadRuntime(_time, seed: 1, Observer);

    internal override IActorRuntime Runtime => _runtime;

    internal override Task Reach(Task task) => task.WaitAsync(TimeSpan.FromSeconds(60));

    internal override void Advance(TimeSpan span) => _time.Advance(span);

    public override ValueTask DisposeAsync() => _runtime.DisposeAsync();
}

sealed class SimulatedHarness : RuntimeHarness
{
    readonly SimulatedRuntime _runtime;

    public SimulatedHarness() => _runtime = new SimulatedRuntime(seed: 1, observer: Observer);

    internal override IActorRuntime Runtime => _runtime;

    internal override Task Reach(Task task)
    {
        _runtime.RunUntil(() => task.IsCompleted, TimeSpan.Zero);
        return task;
    }

    internal override void Advance(TimeSpan span) => _runtime.RunFor(span);

    public override ValueTask DisposeAsync() => _runtime.DisposeAsync();
}
