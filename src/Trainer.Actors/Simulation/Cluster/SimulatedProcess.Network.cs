namespace LstmCluster.Actors;

/// <summary>Who a process is connected to, and what its actors send there.</summary>
public sealed partial class SimulatedProcess
{
    readonly Dictionary<ProcessSlot, SessionEnd> _ends = [];
    readonly Dictionary<ProcessSlot, SimulatedConnection> _connections = [];

    /// <summary>The processes that it is connected to, in no order that means anything.</summary>
    public IEnumerable<NodeId> Connected => _ends.Values.Select(end => end.Peer.Id);

    /// <summary>Bytes per second that its machine sends, and as many that it receives, from now on; infinity for no limit.</summary>
    public double BytesPerSecond
    {
        get => Egress.BytesPerSecond;
        set
        {
            if (!(value > 0)) throw new ArgumentOutOfRangeException(nameof(value), value, "a link passes bytes");
            Egress.BytesPerSecond = Ingress.BytesPerSecond = value;
        }
    }

    internal LinkQueue Egress { get; } = new();

    internal LinkQueue Ingress { get; } = new();

    /// <summary>When it crashed: what had not left by then never does.</summary>
    internal TimeSpan Aborted { get; private set; } = TimeSpan.MaxValue;

    internal IReadOnlyCollection<SessionEnd> Ends => _ends.Values;

    /// <summary>Whether it is connected to a process, as far as it knows.</summary>
    public bool IsConnectedTo(string peer) => _ends.ContainsKey(Cluster.SlotOf(peer));

    /// <summary>Connects to a process, and again whenever the connection is lost, until the result is disposed or this process ends.</summary>
    /// <param name="peer">Name of the other process, whether it lives or not.</param>
    /// <param name="connected">Called each time when it is connected.</param>
    /// <param name="lost">Called each time when the connection is lost, with the reason.</param>
    /// <exception cref="InvalidOperationException">It keeps a connection to that process already, or is that process, or has ended.</exception>
    public SimulatedConnection Connect(string peer, Action<SimulatedConnection>? connected = null, Action<SimulatedConnection, NodeLostException>? lost = null)
    {
        var slot = Cluster.SlotOf(peer);
        if (!IsAlive) throw new InvalidOperationException($"{Id} has ended");
        if (slot == Slot) throw new InvalidOperationException($"{Id} connects to itself");
        if (_connections.ContainsKey(slot)) throw new InvalidOperationException($"{Id} keeps a connection to {peer} already");
        var connection = new SimulatedConnection(this, slot, connected, lost);
        _connections.Add(slot, connection);
        connection.Attempt();
        return connection;
    }

    /// <summary>Asks another process who lives under a path.</summary>
    /// <param name="peer">Name of the other process.</param>
    /// <param name="path">Path from its root, such as <c>/coordinator</c>.</param>
    /// <param name="answer">
    /// Called once, unless this process ends before, with the address of that very actor; with null when nobody lives there, or the process is not,
    /// or no longer, connected.
    /// </param>
    public void Resolve(string peer, string path, Action<ActorRef?> answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        if (path is not ['/', ..]) throw new ArgumentException($"a path begins with a slash, got \"{path}\"", nameof(path));
        if (EndFor(Cluster.SlotOf(peer)) is { } end) end.Lookups.Ask(path, answer);
        else After(TimeSpan.Zero, () => answer(null));
    }

    /// <summary>Sends a message of one of its actors to one of another process.</summary>
    internal void Send(Envelope envelope, SimulatedMailbox target)
    {
        if (!IsAlive)
        {
            Discard(envelope.Message);
            return;
        }

        Cluster.Statistics.Sent++;
        if (EndTo(target.Process!) is { } end) end.Outgoing.Send(envelope, target);
        else Cluster.DeadLetter(this, envelope, target.Cell);
    }

    internal void Watch(ActorCell watcher, ActorCell actor)
    {
        if (!IsAlive) return;
        var peer = (SimulatedProcess)actor.Runtime;
        if (EndTo(peer) is { } end) end.Watches.Add(watcher, actor);
        else watcher.Post(new SystemMessage.WatchedStopped(new Terminated(actor, new NodeLostException(peer.Id, "it is not connected"))));
    }

    internal override void Stop(RoutedRef actor)
    {
        if (actor is not ActorCell { Runtime: SimulatedProcess peer } || peer == this) base.Stop(actor);
        else if (IsAlive && EndTo(peer) is { } end) end.Outgoing.Tell(() => actor.Post(SystemMessage.Stop.InOrder));
    }

    internal SessionEnd? EndFor(ProcessSlot slot) => _ends.GetValueOrDefault(slot);

    internal void Attach(SessionEnd end)
    {
        _ends.Add(end.Peer.Slot, end);
        Cluster.ReportConnected(end);
    }

    internal void Detach(SessionEnd end) => _ends.Remove(end.Peer.Slot);

    internal void Forget(SimulatedConnection connection) => _connections.Remove(connection.Slot);

    SessionEnd? EndTo(SimulatedProcess peer) => _ends.TryGetValue(peer.Slot, out var end) && end.Peer == peer ? end : null;

    /// <summary>The process is gone, and its machine closes the connections unless it is gone as well.</summary>
    void Disconnect(string reason, ProcessEndKind kind, bool unplugged)
    {
        foreach (var connection in _connections.Values) connection.Abandon(tell: !unplugged);
        _connections.Clear();
        SessionEnd[] ends = [.. _ends.Values];
        foreach (var end in ends)
        {
            if (kind == ProcessEndKind.Crashed) end.Close(reason, tell: !unplugged);
            else end.Leave(reason);
        }
    }
}
