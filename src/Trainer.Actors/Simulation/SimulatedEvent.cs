namespace LstmCluster.Actors;

/// <summary>Something that happens at a moment of virtual time.</summary>
abstract class SimulatedEvent
{
    /// <summary>The process that does it: while that one is paused, it waits.</summary>
    public virtual SimulatedProcess? Process => null;

    /// <summary>True once it is as if it had never been.</summary>
    public virtual bool IsCancelled => false;

    public abstract void Run();
}

/// <summary>A timer of an actor.</summary>
sealed class TimerEvent(ScheduledMessage timer, SimulatedProcess? process) : SimulatedEvent
{
    public override SimulatedProcess? Process => process;

    public override bool IsCancelled => !timer.IsPending;

    public override void Run() => timer.Fire();
}

/// <summary>Code of the simulation, or of a simulated process, that is not an actor's.</summary>
sealed class ActionEvent(Action action, SimulatedProcess? process) : SimulatedEvent, IDisposable
{
    bool _disposed;

    public override SimulatedProcess? Process => process;

    public override bool IsCancelled => _disposed || process is { IsAlive: false };

    public override void Run()
    {
        // The process may have ended after the clock has looked.
        if (!IsCancelled) action();
    }

    public void Dispose() => _disposed = true;
}

/// <summary>The end of a span that a process spends computing: as much later as the process was paused within it.</summary>
/// <param name="process">Null for an actor of no process.</param>
/// <param name="end">The moment it ends if nothing comes in between.</param>
abstract class WorkEvent(SimulatedProcess? process, TimeSpan end) : SimulatedEvent
{
    readonly TimeSpan _endRunning = end - (process?.Paused ?? TimeSpan.Zero);

    public override SimulatedProcess? Process => process;

    public sealed override void Run()
    {
        if (process is not null && process.Engine.Clock.Elapsed is var now && now - process.Paused < _endRunning)
        {
            process.Engine.Clock.Add(_endRunning + process.Paused, this);
            return;
        }

        Finish();
    }

    protected abstract void Finish();
}
