namespace LstmCluster.Actors.Tests;

/// <summary>A clock that moves only when told; timers fire on the thread that moves it, in the order they are due.</summary>
sealed class FakeTimeProvider : TimeProvider
{
    readonly Lock _gate = new();
    readonly List<FakeTimer> _timers = [];
    TimeSpan _elapsed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + Elapsed;

    public override long GetTimestamp() => Elapsed.Ticks;

    TimeSpan Elapsed
    {
        get
        {
            lock (_gate) return _elapsed;
        }
    }

    public int ActiveTimers
    {
        get
        {
            lock (_gate) return _timers.Count;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new FakeTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan span)
    {
        var end = Elapsed + span;
        while (NextDue(end) is { } timer) timer.Fire();
        lock (_gate) _elapsed = end;
    }

    FakeTimer? NextDue(TimeSpan end)
    {
        lock (_gate)
        {
            var next = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            if (next is null) return null;
            _timers.Remove(next);
            if (next.Due > _elapsed) _elapsed = next.Due;
            return next;
        }
    }

    sealed class FakeTimer(FakeTimeProvider clock, Action callback) : ITimer
    {
        public TimeSpan Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            period.ShouldBe(Timeout.InfiniteTimeSpan, "only one-shot timers are used");
            lock (clock._gate)
            {
                clock._timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                Due = clock._elapsed + dueTime;
                clock._timers.Add(this);
            }

            return true;
        }

        public void Fire() => callback();

        public void Dispose()
        {
            lock (clock._gate) clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
