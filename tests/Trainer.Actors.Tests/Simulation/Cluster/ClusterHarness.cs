namespace LstmCluster.Actors.Tests;

/// <summary>A simulated cluster with what tests do with it over and over.</summary>
sealed class ClusterHarness : IClusterObserver, IAsyncDisposable
{
    public static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    public ClusterHarness(ulong seed = 1, ClusterOptions? options = null, IDeliveryPolicy? policy = null)
    {
        Runtime = new SimulatedRuntime(seed, policy);
        Cluster = new SimulatedCluster(Runtime, (options ?? new ClusterOptions()) with { Observer = this });
    }

    public SimulatedRuntime Runtime { get; }

    public SimulatedCluster Cluster { get; }

    public List<ProcessEnd> Ends { get; } = [];

    /// <summary>Connections that were noticed to be lost: by whom, of whom, when, why.</summary>
    public List<(string By, string Of, TimeSpan At, string Reason)> Losses { get; } = [];

    public SimulatedProcess Start(string name, ProcessOptions? options = null) => Cluster.Start(name, options);

    /// <summary>Connects two processes and waits until both know.</summary>
    public SimulatedConnection Connect(SimulatedProcess from, SimulatedProcess to)
    {
        var connection = from.Connect(to.Name);
        Runtime.RunUntil(() => from.IsConnectedTo(to.Name) && to.IsConnectedTo(from.Name), 10 * Second);
        return connection;
    }

    /// <summary>An actor that keeps what it hears, with the time at which it does.</summary>
    public (ActorRef Actor, List<(Message Message, TimeSpan At)> Heard) Listen(SimulatedProcess process, string name, ActorOptions? options = null)
    {
        var heard = new List<(Message, TimeSpan)>();
        var actor = process.Spawn(name, () => new TestActor { OnMessage = (message, _) => heard.Add((message, Runtime.Elapsed)) }, options);
        return (actor, heard);
    }

    /// <summary>Has an actor of a process send messages at a moment that has come.</summary>
    public static ActorRef Say(SimulatedProcess process, string name, ActorRef target, params Message[] messages) => process.Spawn(name, () => new TestActor
    {
        OnStarted = context =>
        {
            foreach (var message in messages) context.Send(target, message);
        },
    });

    /// <summary>Has an actor of a process watch another one; it keeps what it hears.</summary>
    public List<(Terminated Notice, TimeSpan At)> Watch(SimulatedProcess process, string name, ActorRef actor)
    {
        var heard = new List<(Terminated, TimeSpan)>();
        process.Spawn(name, () => new TestActor
        {
            OnStarted = context => context.Watch(actor),
            OnMessage = (message, _) => heard.Add(((Terminated)message, Runtime.Elapsed)),
        });
        return heard;
    }

    public void Ended(ProcessEnd end) => Ends.Add(end);

    public void Lost(SimulatedProcess process, NodeId peer, NodeLostException reason) => Losses.Add((process.Name, peer.Name, Runtime.Elapsed, reason.Message));

    public ValueTask DisposeAsync() => Runtime.DisposeAsync();
}
