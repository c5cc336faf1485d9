using System.Net;

namespace LstmCluster.Actors.Tests;

/// <summary>A process of the tests: a runtime with a node, a clock of its own, and ears.</summary>
sealed class TestNode : IAsyncDisposable, INetworkObserver
{
    public TestNode(string name, Func<NetworkOptions, NetworkOptions>? configure = null, IMessageCodec? codec = null)
    {
        // TCP unless a test says otherwise: it is what lies between machines, and what tests can look into.
        var options = new NetworkOptions { Name = name, Token = "job", LocalSockets = false };
        Runtime = new ThreadRuntime(Time, seed: 1, Observer);
        Node = new NetworkNode(Runtime, codec ?? new TestCodec(), Pool, configure?.Invoke(options) ?? options, this);
    }

    public FakeTimeProvider Time { get; } = new();

    public RecordingObserver Observer { get; } = new();

    public PayloadPool Pool { get; } = new();

    public ThreadRuntime Runtime { get; }

    public NetworkNode Node { get; }

    public Signal<RemoteNode> Came { get; } = new();

    public Signal<(RemoteNode Node, Exception Reason)> Lost { get; } = new();

    public Signal<Exception> Refusals { get; } = new();

    public Signal<(Exception Reason, TimeSpan Delay)> Failures { get; } = new();

    public Signal<ActorRef> RefusedMessages { get; } = new();

    public IPEndPoint Listen(int port = 0) => Node.Listen(new IPEndPoint(IPAddress.Loopback, port));

    public NodeConnection Dial(IPEndPoint to) => Node.Connect(to);

    /// <summary>Connects to another node and waits until both know it.</summary>
    public async Task<RemoteNode> Join(TestNode other)
    {
        var remote = await Dial(other.Listen()).ConnectedAsync().InTime();
        await other.Came.NextAsync();
        return remote;
    }

    /// <summary>An actor that reports what it gets.</summary>
    public (ActorRef Actor, Signal<Message> Heard) Listener(string name, Action<Message, IActorContext>? onMessage = null, ActorOptions? options = null)
    {
        var heard = new Signal<Message>();
        var actor = Runtime.Spawn(name, () => new TestActor
        {
            OnMessage = (message, context) =>
            {
                onMessage?.Invoke(message, context);
                heard.Set(message);
            },
        }, options);
        return (actor, heard);
    }

    /// <summary>Starts an actor that watches another and reports its end.</summary>
    public async Task<Signal<Terminated>> Watch(ActorRef actor)
    {
        var heard = new Signal<Terminated>();
        var watcher = Runtime.Spawn($"watcher-{Guid.NewGuid()}", () => new TestActor
        {
            OnStarted = context => context.Watch(actor),
            OnMessage = (message, _) => heard.Set((Terminated)message),
        });
        var probe = new Probe();
        Runtime.Send(watcher, probe);
        await probe.Reached.Task.InTime();
        return heard;
    }

    void INetworkObserver.NodeConnected(RemoteNode node) => Came.Set(node);

    void INetworkObserver.NodeLost(RemoteNode node, Exception reason) => Lost.Set((node, reason));

    void INetworkObserver.ConnectionRefused(EndPoint? from, Exception reason) => Refusals.Set(reason);

    void INetworkObserver.ConnectFailed(EndPoint to, Exception reason, TimeSpan delay) => Failures.Set((reason, delay));

    void INetworkObserver.MessageRefused(ActorRef target, MailboxFullException reason) => RefusedMessages.Set(target);

    public async ValueTask DisposeAsync()
    {
        await Runtime.DisposeAsync().AsTask().InTime();
        await DisposeNodeAsync();
        Runtime.Failure.IsCompleted.ShouldBeFalse(Runtime.Failure.IsCompleted ? Runtime.Failure.Result.ToString() : "");
        await Wait.Until(() => Pool.Rented == 0);
        Pool.Dispose();
    }

    public Task DisposeNodeAsync() => Node.DisposeAsync().AsTask().InTime();
}
