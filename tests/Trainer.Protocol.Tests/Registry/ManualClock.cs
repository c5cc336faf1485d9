namespace Trainer.Protocol.Tests;

/// <summary>A clock that moves only when told; timers fire on the thread that moves it, in the order they are due.</summary>
sealed class ManualClock : TimeProvider
{
    readonly Lock _gate = new();
    readonly List<ManualTimer> _timers = [];
    readonly List<(TimeSpan Due, TaskCompletionSource Seen)> _awaited = [];
    TimeSpan _now = TimeSpan.FromDays(1);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public TimeSpan Now
    {
        get
        {
            lock (_gate) return _now;
        }
    }

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + Now;

    public override long GetTimestamp() => Now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Time goes on, and what is due happens.</summary>
    public void Advance(TimeSpan span)
    {
        var end = Now + span;
        while (NextDue(end) is { } timer) timer.Fire();
        lock (_gate) _now = end > _now ? end : _now;
    }

    /// <summary>Time goes on while the process is paused: nothing happens.</summary>
    public void Jump(TimeSpan span)
    {
        lock (_gate) _now += span;
    }

    /// <summary>Waits until somebody waits for a moment that is this far away.</summary>
    public Task TimerInAsync(double milliseconds)
    {
        lock (_gate)
        {
            var due = _now + TimeSpan.FromMilliseconds(milliseconds);
            if (_timers.Any(timer => timer.Due == due)) return Task.CompletedTask;
            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((due, seen));
            return seen.Task.WaitAsync(Waits.Limit);
        }
    }

    /// <summary>Waits until somebody waits for a moment that is this far away, and lets it come.</summary>
    public async Task PassAsync(double milliseconds)
    {
        await TimerInAsync(milliseconds);
        Advance(TimeSpan.FromMilliseconds(milliseconds));
    }

    ManualTimer? NextDue(TimeSpan end)
    {
        lock (_gate)
        {
            var next = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            if (next is null) return null;
            _timers.Remove(next);
            if (next.Due > _now) _now = next.Due;
            return next;
        }
    }

    sealed class ManualTimer(ManualClock clock, Action callback) : ITimer
    {
        bool _disposed;

        public TimeSpan Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            period.ShouldBe(Timeout.InfiniteTimeSpan, "only one-shot timers are used");
            lock (clock._gate)
            {
                if (_disposed) return false;
                clock._timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                Due = clock._now + dueTime;
                clock._timers.Add(this);
                foreach (var (_, seen) in clock._awaited.Where(awaited => awaited.Due == Due)) seen.TrySetResult();
                clock._awaited.RemoveAll(awaited => awaited.Seen.Task.IsCompleted);
            }

            return true;
        }

        public void Fire() => callback();

        public void Dispose()
        {
            lock (clock._gate)
            {
                _disposed = true;
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
