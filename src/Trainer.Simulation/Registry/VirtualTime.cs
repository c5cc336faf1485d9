using LstmCluster.Actors;

namespace LstmCluster.Simulation;

/// <summary>The clock of a simulated process as code sees it that is no actor. Its timers fire on the simulation's thread: not while the process is paused, and not after its end.</summary>
/// <param name="world">Knows the thread.</param>
/// <param name="process">The process.</param>
/// <param name="turn">Around everything that a timer does.</param>
sealed class VirtualTime(World world, SimulatedProcess process, Action<Action> turn) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => process.Now;

    public override long GetTimestamp() => process.Elapsed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => turn(() => callback(state)));
        timer.Change(dueTime, period);
        return timer;
    }

    sealed class Timer(VirtualTime time, Action fire) : ITimer
    {
        IDisposable? _next;
        bool _isDisposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (_isDisposed) return false;
            _next?.Dispose();

            // What goes on after it was cancelled does so on another thread, and waits there for ever (RegistryAccess).
            _next = dueTime == Timeout.InfiniteTimeSpan || !time.IsOnThread ? null : time.After(dueTime, () => Fire(period));
            return true;
        }

        public void Dispose()
        {
            _isDisposed = true;
            if (time.IsOnThread) _next?.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        void Fire(TimeSpan period)
        {
            _next = null;
            if (period > TimeSpan.Zero) Change(period, period);
            fire();
        }
    }

    bool IsOnThread => world.IsOnThread;

    IDisposable After(TimeSpan delay, Action action) => process.After(delay, action);
}
