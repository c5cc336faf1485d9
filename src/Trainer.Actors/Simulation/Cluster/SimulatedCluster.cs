namespace LstmCluster.Actors;

/// <summary>Many processes in one <see cref="SimulatedRuntime"/>, with a network between them that has the meaning of <see cref="NetworkNode"/> and every fault of the world.</summary>
/// <remarks>
/// Processes are started, crash, pause, and are started again under their name; they connect as nodes do, lose connections and come back. Which faults
/// happen when is drawn from the runtime's seed, and enters its trace. Messages between actors of one process never meet the network.
/// </remarks>
public sealed class SimulatedCluster
{
    readonly Dictionary<string, ProcessSlot> _slots = new(StringComparer.Ordinal);
    readonly HashSet<SimulatedProcess> _unfinished = [];
    readonly List<SimulatedPartition> _partitions = [];
    readonly IClusterObserver _observer;
    readonly FaultDraws _draws;

    /// <summary>A cluster without processes.</summary>
    /// <param name="runtime">Its clock, its seed and the cost of handling a message are the cluster's too.</param>
    /// <param name="options">Limits, and what a message is; defaults when null.</param>
    /// <exception cref="InvalidOperationException">The runtime has a cluster already.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public SimulatedCluster(SimulatedRuntime runtime, ClusterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(runtime);
        (Runtime, Options) = (runtime, options ?? new ClusterOptions());
        Options.Validate();
        _observer = Options.Observer ?? new SilentClusterObserver();
        _draws = new FaultDraws(StableHash.Combine(StableHash.Mix(runtime.Seed), StableHash.Of("network")));
        runtime.Join(this);
    }

    /// <summary>The runtime that it runs in.</summary>
    public SimulatedRuntime Runtime { get; }

    /// <summary>What all processes agree on.</summary>
    public ClusterOptions Options { get; }

    /// <summary>What was counted so far.</summary>
    public ClusterStatistics Statistics { get; } = new();

    /// <summary>What the network does to the messages that are sent from now on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public NetworkFaults Faults
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            value.Validate();
            field = value;
        }
    } = NetworkFaults.None;

    /// <summary>The processes that live, in the order in which their names were first used.</summary>
    public IEnumerable<SimulatedProcess> Processes => _slots.Values.Select(slot => slot.Process).OfType<SimulatedProcess>();

    /// <summary>True once the runtime is being disposed: no process is started any more.</summary>
    public bool IsClosing { get; private set; }

    internal bool HasLiving => _unfinished.Count > 0;

    /// <summary>Starts a process.</summary>
    /// <param name="name">Its name; one that has ended may be started again under its own.</param>
    /// <param name="options">Observer, clock and machine; defaults when null.</param>
    /// <exception cref="ArgumentException">The name is empty or has a slash.</exception>
    /// <exception cref="InvalidOperationException">A living process has this name.</exception>
    /// <exception cref="ObjectDisposedException">The runtime is being disposed.</exception>
    public SimulatedProcess Start(string name, ProcessOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(IsClosing, this);
        var slot = SlotOf(name);
        if (slot.Process is not null) throw new InvalidOperationException($"a living process is called {name} already");
        slot.IsUnplugged = false;
        slot.Incarnations++;
        var seed = StableHash.Combine(StableHash.Combine(StableHash.Mix(Runtime.Seed), StableHash.Of(name)), slot.Incarnations);
        var process = new SimulatedProcess(this, slot, seed, options ?? new ProcessOptions());
        slot.Process = process;
        _unfinished.Add(process);
        Runtime.Trace("start", slot.Path, slot.Path, "process");
        _observer.Started(process);
        return process;
    }

    /// <summary>The process that lives under a name; null when there is none.</summary>
    public SimulatedProcess? Find(string name) => _slots.GetValueOrDefault(name)?.Process;

    /// <summary>Cuts the network between two sets of processes.</summary>
    /// <param name="one">Names of processes, living or yet to be started.</param>
    /// <param name="other">The others.</param>
    /// <param name="span">How long; until the result is disposed when null.</param>
    public SimulatedPartition Partition(IEnumerable<string> one, IEnumerable<string> other, TimeSpan? span = null) => Cut(one, other, oneWay: false, span);

    /// <summary>Cuts one direction of the network: <paramref name="to"/> hears nothing of <paramref name="from"/> any more, which hears all.</summary>
    /// <param name="from">Names of processes, living or yet to be started.</param>
    /// <param name="to">The others.</param>
    /// <param name="span">How long; until the result is disposed when null.</param>
    public SimulatedPartition PartitionOneWay(IEnumerable<string> from, IEnumerable<string> to, TimeSpan? span = null) => Cut(from, to, oneWay: true, span);

    internal ProcessSlot SlotOf(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (_slots.TryGetValue(name, out var slot)) return slot;
        if (name.Contains('/', StringComparison.Ordinal)) throw new ArgumentException($"a process's name has no slash: {name}", nameof(name));
        _slots.Add(name, slot = new ProcessSlot(name));
        return slot;
    }

    internal bool Owns(LocalRuntime process) => process is SimulatedProcess { Cluster: var cluster } && cluster == this;

    /// <summary>Whether what is sent from one process to another one is not held up by a cut: for what is no message of actors.</summary>
    /// <param name="from">Name of a process, living or not.</param>
    /// <param name="to">Name of the other one.</param>
    public bool Passes(string from, string to)
    {
        var (one, other) = (SlotOf(from), SlotOf(to));
        foreach (var partition in _partitions)
        {
            if (partition.Blocks(one, other)) return false;
        }

        return true;
    }

    /// <summary>Whether a cut lies between two processes, in either direction.</summary>
    internal bool IsCut(ProcessSlot one, ProcessSlot other)
    {
        foreach (var partition in _partitions)
        {
            if (partition.Blocks(one, other) || partition.Blocks(other, one)) return true;
        }

        return false;
    }

    internal void Heal(SimulatedPartition partition)
    {
        Runtime.Trace("heal", "//", "//", "partition");
        _partitions.Remove(partition);
    }

    /// <summary>Draws what becomes of a message, after the runtime's own policy was asked.</summary>
    internal Delivery Decide(Envelope envelope, SimulatedMailbox target)
    {
        var decided = Runtime.IsPerfect ? Delivery.Immediate : Runtime.Policy.Route(envelope.Sender, target.Cell, envelope.Message, Runtime.Departure);
        var delay = decided.Delay + _draws.Latency(Faults.Latency);
        var isLost = _draws.Happens(Faults.Loss);
        var mayOvertake = _draws.Happens(Faults.Reordering);
        if (mayOvertake) delay += _draws.UpTo(Faults.Straggling);
        var (copy, copyDelay) = (decided.Copy, decided.CopyDelay);
        if (_draws.Happens(Faults.Duplication) && copy is null && (copy = Options.Copy?.Invoke(envelope.Message)) is not null)
            copyDelay = _draws.Latency(Faults.Latency) + _draws.UpTo(Faults.Straggling);
        if (copy is not null)
        {
            Statistics.Copied++;
            Runtime.Trace("copied", envelope.Sender, target.Cell, copy.GetType());
        }

        return new Delivery(delay)
        {
            IsLost = isLost || decided.IsLost,
            MayOvertake = mayOvertake || decided.MayOvertake,
            Copy = copy,
            CopyDelay = copyDelay,
        };
    }

    internal TimeSpan DrawLatency() => _draws.Latency(Faults.Latency);

    /// <summary>How long ago the last sign of life was when there came no more.</summary>
    internal TimeSpan DrawBeat() => _draws.UpTo(Options.HeartbeatInterval);

    internal void Lose(Envelope envelope, ActorCell target)
    {
        Statistics.Lost++;
        Runtime.Trace("lost", envelope.Sender, target, envelope.Message.GetType());
        target.Runtime.Discard(envelope.Message);
    }

    /// <summary>A process has a message that goes nowhere.</summary>
    internal void DeadLetter(SimulatedProcess process, Envelope envelope, ActorCell target)
    {
        Statistics.DeadLetters++;
        Runtime.Trace("dead", envelope.Sender, target, envelope.Message.GetType());
        process.DeadLetter(envelope.Sender, target, envelope.Message);
    }

    internal void ReportConnected(SessionEnd end)
    {
        if (end.Dialled) Statistics.Connections++;
        Runtime.Trace("connect", end.Process.Slot.Path, end.Peer.Slot.Path, "process");
        _observer.Connected(end.Process, end.Peer.Id);
    }

    internal void ReportLost(SessionEnd end, NodeLostException reason)
    {
        if (end.Dialled) Statistics.Losses++;
        Runtime.Trace("cut off", end.Process.Slot.Path, end.Peer.Slot.Path, "process");
        if (end.Process.IsAlive) _observer.Lost(end.Process, end.Peer.Id, reason);
    }

    internal void ReportEnded(ProcessEnd end) => _observer.Ended(end);

    /// <summary>Nothing is left of a process.</summary>
    internal void Finish(SimulatedProcess process) => _unfinished.Remove(process);

    /// <summary>Heals everything and tells all processes to stop.</summary>
    internal void StopAll()
    {
        IsClosing = true;
        foreach (var partition in _partitions.ToArray()) partition.Dispose();
        foreach (var process in Processes.ToArray())
        {
            process.Resume();
            process.Stop();
        }
    }

    internal IEnumerable<string> DescribeLiving() => _unfinished.SelectMany(process => process.DescribeUnfinished()).Order(StringComparer.Ordinal);

    SimulatedPartition Cut(IEnumerable<string> from, IEnumerable<string> to, bool oneWay, TimeSpan? span)
    {
        var partition = new SimulatedPartition(this, from.Select(SlotOf), to.Select(SlotOf), oneWay);
        Runtime.Trace("cut", "//", "//", oneWay ? "one way" : "partition");
        _partitions.Add(partition);
        partition.Begin();
        if (span is { } limit) Runtime.After(limit, partition.Dispose);
        return partition;
    }
}
