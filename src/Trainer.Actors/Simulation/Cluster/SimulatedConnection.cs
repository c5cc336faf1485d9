namespace LstmCluster.Actors;

/// <summary>Keeps a simulated process connected to another one, as a <see cref="NodeConnection"/> does. Disposing it hangs up.</summary>
public sealed class SimulatedConnection : IDisposable
{
    /// <summary>What is lost before there is a connection is sent again after this time, as TCP does.</summary>
    static readonly TimeSpan Resend = TimeSpan.FromSeconds(1);

    readonly SimulatedProcess _process;
    readonly Action<SimulatedConnection>? _connected;
    readonly Action<SimulatedConnection, NodeLostException>? _lost;
    readonly RetryDelay _retries;
    IDisposable? _deadline;
    SessionEnd? _end;
    SessionEnd? _opening;
    int _attempt;
    bool _disposed;

    internal SimulatedConnection(
        SimulatedProcess process, ProcessSlot slot, Action<SimulatedConnection>? connected, Action<SimulatedConnection, NodeLostException>? lost)
    {
        (_process, Slot, _connected, _lost) = (process, slot, connected, lost);
        var options = process.Cluster.Options;
        _retries = new RetryDelay(options.FirstRetryDelay, options.MaxRetryDelay, StableHash.RandomFor(process.Seed, $"{process.Name} to {slot.Name}"));
    }

    /// <summary>Name of the other process.</summary>
    public string PeerName => Slot.Name;

    /// <summary>The process that it is connected to now; null while there is none.</summary>
    public NodeId? Peer => _end?.Peer.Id;

    internal ProcessSlot Slot { get; }

    /// <summary>Asks the other process who lives under a path.</summary>
    /// <inheritdoc cref="SimulatedProcess.Resolve"/>
    public void Resolve(string path, Action<ActorRef?> answer) => _process.Resolve(PeerName, path, answer);

    /// <summary>Hangs up, and connects no more. What was sent still arrives.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        Abandon(tell: true);
        _process.Forget(this);
        var end = _end;
        _end = null;
        end?.Leave($"{_process.Id} hangs up");
    }

    /// <summary>Connects no more.</summary>
    /// <param name="tell">False when nobody is left to tell the other side.</param>
    internal void Abandon(bool tell)
    {
        _disposed = true;
        EndAttempt(tell);
    }

    internal void Attempt()
    {
        if (_disposed) return;
        var attempt = ++_attempt;
        _deadline = _process.After(_process.Cluster.Options.HandshakeTimeout, () => Failed(attempt));
        Knock(attempt);
    }

    internal void OnLost(SessionEnd end, NodeLostException reason)
    {
        if (_opening == end)
        {
            _opening = null;
            Retry();
        }

        if (_end != end) return;
        _end = null;

        // A connection that lived has shown that the other side is well; one that did not must not be begun again and again without a pause.
        if (_process.Engine.Elapsed - end.OpenedAt >= _process.Cluster.Options.PeerTimeout) _retries.Reset();
        if (!_process.IsAlive) return;
        Retry();
        _lost?.Invoke(this, reason);
    }

    void Knock(int attempt)
    {
        if (attempt != _attempt) return;
        if (IsCut) _process.Engine.After(Resend, () => Knock(attempt), _process);
        else _process.Engine.After(_process.Cluster.DrawLatency(), () => Arrive(attempt), null);
    }

    /// <summary>The other machine hears of it.</summary>
    void Arrive(int attempt)
    {
        if (attempt != _attempt) return;
        // Without a way back there is no handshake either.
        if (IsCut) _process.Engine.After(Resend, () => Knock(attempt), _process);
        else if (Slot.Process is { IsPaused: true } paused) _process.Engine.After(TimeSpan.Zero, () => Arrive(attempt), paused);
        else if (Slot.Process is { } peer) Accept(attempt, peer);
        else if (!Slot.IsUnplugged) Refuse(attempt);
    }

    void Accept(int attempt, SimulatedProcess peer)
    {
        if (peer.EndFor(_process.Slot) is { } present)
        {
            if (present.Peer != _process || Objects(present, dialled: false))
            {
                Refuse(attempt);
                return;
            }

            present.Close("a newer connection replaces it", tell: false);
        }

        var end = _opening = SessionEnd.Pair(_process, peer);
        end.Connection = this;
        end.Incoming.From.Open();
        end.Incoming.Tell(() => Opened(end), opens: true);
    }

    /// <summary>Who dials again has given the old connection up. When both dial at once, both keep that of the lesser name.</summary>
    static bool Objects(SessionEnd present, bool dialled)
    {
        var (dialler, other) = dialled ? (present.Process.Name, present.Peer.Name) : (present.Peer.Name, present.Process.Name);
        return present.Dialled != dialled && string.CompareOrdinal(dialler, other) > 0;
    }

    void Opened(SessionEnd end)
    {
        if (_process.EndFor(Slot) is { } present)
        {
            if (Objects(present, dialled: true))
            {
                Adopt(present);
                return;
            }

            present.Close("a newer connection replaces it", tell: false);
        }

        end.Open();
        _opening = null;
        Adopt(end);
    }

    void Refuse(int attempt) => _process.Engine.After(_process.Cluster.DrawLatency(), () => Refused(attempt), _process);

    void Refused(int attempt)
    {
        if (attempt != _attempt) return;
        if (_process.EndFor(Slot) is { } present) Adopt(present);
        else Failed(attempt);
    }

    /// <summary>There is a connection, whoever has dialled it.</summary>
    void Adopt(SessionEnd end)
    {
        EndAttempt(tell: true);
        (_end, end.Connection) = (end, this);
        _connected?.Invoke(this);
    }

    void Failed(int attempt)
    {
        if (attempt == _attempt) Retry();
    }

    void Retry()
    {
        EndAttempt(tell: true);
        _process.After(_retries.Next(), Attempt);
    }

    /// <summary>What is still under way of an attempt is of no use any more.</summary>
    void EndAttempt(bool tell)
    {
        _attempt++;
        var opening = _opening;
        _opening = null;
        opening?.Close("the attempt to connect was given up", tell);
        _deadline?.Dispose();
        _deadline = null;
    }

    bool IsCut => _process.Cluster.IsCut(_process.Slot, Slot);
}
