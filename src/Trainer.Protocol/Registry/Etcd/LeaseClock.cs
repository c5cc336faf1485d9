namespace LstmCluster.Protocol;

/// <summary>
/// Until when the holder of a lease may believe that it holds it. etcd counts from when it granted or renewed the lease, which is after the request was sent;
/// so what is counted here from the sending, by the monotonic clock, ends before etcd's time does, by a tenth of it for clocks that run at different
/// speeds and for what is done between a look at <see cref="IsValid"/> and its effect. Safe for use by several threads.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="sent">Timestamp of when the grant was asked for.</param>
/// <param name="granted">How long etcd keeps the lease from its answer on.</param>
sealed class LeaseClock(TimeProvider time, long sent, TimeSpan granted)
{
    readonly Lock _gate = new();
    long _sent = sent;
    TimeSpan _believed = Believed(granted);
    bool _ended;

    /// <summary>Whether the lease is held for certain; once false, false for ever.</summary>
    public bool IsValid => Left > TimeSpan.Zero;

    /// <summary>How much longer it is held for certain; 0 when it is not.</summary>
    public TimeSpan Left
    {
        get
        {
            lock (_gate) return LeftNow();
        }
    }

    /// <summary>Goes on from a renewal.</summary>
    /// <param name="sent">Timestamp of when it was asked for.</param>
    /// <param name="granted">How long etcd keeps the lease from its answer on.</param>
    /// <returns>False when it came too late.</returns>
    public bool Renew(long sent, TimeSpan granted)
    {
        lock (_gate)
        {
            if (LeftNow() == TimeSpan.Zero) return false;
            (_sent, _believed) = (sent, Believed(granted));
            return LeftNow() > TimeSpan.Zero;
        }
    }

    /// <summary>The lease is not held any more.</summary>
    public void End()
    {
        lock (_gate) _ended = true;
    }

    TimeSpan LeftNow()
    {
        var left = _ended ? TimeSpan.Zero : _believed - time.GetElapsedTime(_sent);
        if (left > TimeSpan.Zero) return left;
        _ended = true;
        return TimeSpan.Zero;
    }

    static TimeSpan Believed(TimeSpan granted) => granted * 0.9;
}
