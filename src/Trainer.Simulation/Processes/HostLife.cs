using LstmCluster.Actors;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>One start of a process that serves coordinators: finds the coordinator, starts a host, and again for as long as the run has not ended, as <see cref="HostProcess"/> does.</summary>
/// <param name="world">What all share.</param>
/// <param name="process">The process.</param>
/// <param name="endpoint">Where others reach it; null where nobody has to.</param>
/// <param name="host">Makes what serves one coordinator.</param>
/// <param name="over">Told when there is nothing left to serve.</param>
sealed class HostLife(World world, SimulatedProcess process, string? endpoint, Func<HostStart, IActor> host, Action<HostEndKind> over)
{
    /// <summary>As in <see cref="HostProcess"/>.</summary>
    static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);

    readonly TermGate _terms = new();
    SimulatedConnection? _connection;
    SimulatedServers? _servers;
    string? _coordinator;
    int _hosts;
    bool _isLooking;

    /// <summary>Serves the coordinator of a machine from now on, and no other one.</summary>
    public void Follow(string coordinator)
    {
        _coordinator = coordinator;
        _connection?.Dispose();
        _connection = null;

        // A host sees its coordinator go, and goes: the next one's may have the same names for its workers.
        if (_servers is null) Connect();
    }

    void Connect()
    {
        _isLooking = false;
        _connection = process.Connect(_coordinator!, connection => Look(connection));
    }

    void Look(SimulatedConnection connection)
    {
        if (connection != _connection || _servers is not null || _isLooking || connection.Peer is null) return;
        _isLooking = true;
        connection.Resolve(Protocol.ActorNames.CoordinatorPath, found =>
        {
            // At the end of a simulation a process that is told to stop still gets answers.
            if (connection != _connection || world.IsFinished) return;
            _isLooking = false;
            if (found is not null) Begin(found);
            else process.After(LookInterval, () => Look(connection));
        });
    }

    void Begin(ActorRef coordinator)
    {
        var servers = _servers = new SimulatedServers(process);
        var name = FormattableString.Invariant($"host-{++_hosts}");
        var start = new HostStart(coordinator, world.Pool, Ended) { Endpoint = endpoint, Terms = _terms, Connect = servers.Connect };
        process.Spawn(name, world.Tap.Around(name, () => host(start)), new ActorOptions { Supervision = Supervision.EscalateOnFailure });
    }

    void Ended(HostEnd end)
    {
        if (!process.IsAlive) return;
        if (end.Kind == HostEndKind.Lost) process.After(TimeSpan.Zero, GoOn);
        else over(end.Kind);
    }

    void GoOn()
    {
        _servers?.HangUp();
        _servers = null;
        if (_connection is not { } connection) Connect();

        // One that is just being given up is still found.
        else process.After(LookInterval, () => Look(connection));
    }
}
