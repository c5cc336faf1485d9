namespace LstmCluster.Actors;

/// <summary>Sends signs of life and misses those of the other side.</summary>
sealed class Liveness
{
    readonly Session _session;
    readonly TimeProvider _clock;
    readonly Lock _gate = new();
    readonly long _start;
    long _heard;
    long _sent;
    ITimer? _timer;
    bool _stopped;

    public Liveness(Session session)
    {
        _session = session;
        _clock = session.Node.Clock;
        _start = _heard = _sent = _clock.GetTimestamp();
    }

    public TimeSpan Age => _clock.GetElapsedTime(_start);

    public void Start()
    {
        lock (_gate)
        {
            if (_stopped) return;
            _timer = _clock.CreateTimer(static liveness => ((Liveness)liveness!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Rearm();
        }
    }

    public void Heard() => Volatile.Write(ref _heard, _clock.GetTimestamp());

    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            _timer?.Dispose();
        }
    }

    void Tick()
    {
        var options = _session.Node.Options;
        var silence = Silence;
        if (silence >= options.PeerTimeout)
        {
            _session.Close(new NodeLostException(_session.Peer.Id, $"nothing heard for {silence.TotalSeconds:0.0##} s"));
            return;
        }

        if (_clock.GetElapsedTime(_sent) >= options.HeartbeatInterval)
        {
            _sent = _clock.GetTimestamp();
            _session.Outbox.SendAlive();
        }

        lock (_gate)
        {
            if (!_stopped) Rearm();
        }
    }

    TimeSpan Silence => _clock.GetElapsedTime(Volatile.Read(ref _heard));

    /// <summary>Wakes for the next sign of life, or earlier if the other side's time is up before.</summary>
    void Rearm()
    {
        var options = _session.Node.Options;
        var beat = options.HeartbeatInterval - _clock.GetElapsedTime(_sent);
        var end = options.PeerTimeout - Silence;
        var due = beat < end ? beat : end;
        _timer!.Change(due > TimeSpan.Zero ? due : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
