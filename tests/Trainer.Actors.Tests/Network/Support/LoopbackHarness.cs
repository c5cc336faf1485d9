namespace LstmCluster.Actors.Tests;

/// <summary>Actors of one process to whom another one speaks: what the contracts send from outside, and their watches, cross the network.</summary>
sealed class LoopbackHarness : RuntimeHarness
{
    readonly TestNode _here = new("here", Patient);
    readonly TestNode _there = new("there", Patient);
    readonly Lazy<RemoteNode> _remote;
    readonly LoopbackRuntime _runtime;

    public LoopbackHarness()
    {
        _remote = new Lazy<RemoteNode>(() => _here.Join(_there).GetAwaiter().GetResult());
        _runtime = new LoopbackRuntime(this);
    }

    internal override RecordingObserver Observer => _there.Observer;

    internal override IActorRuntime Runtime => _runtime;

    internal override Task Reach(Task task) => task.InTime();

    internal override void Advance(TimeSpan span) => _there.Time.Advance(span);

    /// <summary>A watcher over there hears the same as one here, but for the type of the exception.</summary>
    internal override async Task<Terminated> Gone(ActorRef actor)
    {
        var cell = (ActorCell)actor;
        var remote = _remote.Value.Ref(cell.Id, cell.Path);
        var far = await (await _here.Watch(remote)).NextAsync();
        var near = await (await _there.Watch(actor)).NextAsync();
        far.Actor.ShouldBeSameAs(remote);
        far.Failure?.Message.ShouldBe(near.Failure?.Message);
        return near;
    }

    public override async ValueTask DisposeAsync()
    {
        await _there.Runtime.DisposeAsync();
        await _there.DisposeNodeAsync();
        await _here.Runtime.DisposeAsync();
        await _here.DisposeNodeAsync();
    }

    /// <summary>The contracts move one clock only, and far.</summary>
    static NetworkOptions Patient(NetworkOptions options) => options with { HeartbeatInterval = TimeSpan.FromHours(1), PeerTimeout = TimeSpan.FromDays(100) };

    sealed class LoopbackRuntime(LoopbackHarness harness) : IActorRuntime
    {
        public Task<Exception> Failure => harness._there.Runtime.Failure;

        public ActorRef Spawn(string name, Func<IActor> create, ActorOptions? options = null) => harness._there.Runtime.Spawn(name, create, options);

        public void Send(ActorRef target, Message message)
        {
            var cell = (ActorCell)target;
            harness._here.Runtime.Send(harness._remote.Value.Ref(cell.Id, cell.Path), message);
        }

        public ValueTask DisposeAsync() => harness._there.Runtime.DisposeAsync();
    }
}

public sealed class NetworkSupervisionTests() : SupervisionContract(new LoopbackHarness());

public sealed class NetworkLifecycleTests() : LifecycleContract(new LoopbackHarness());
