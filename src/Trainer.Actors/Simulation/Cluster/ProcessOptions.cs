namespace LstmCluster.Actors;

/// <summary>One start of a simulated process: who hears of it, its machine and its clock.</summary>
public sealed record ProcessOptions
{
    /// <summary>Hears of the failures and the dead letters of its actors; nobody does when null. A crashed process says nothing more.</summary>
    public IActorObserver? Observer { get; init; }

    /// <summary>Called once when the process is gone.</summary>
    public Action<ProcessEnd>? Ended { get; init; }

    /// <summary>How far the date is ahead of the runtime's; negative when it is behind.</summary>
    public TimeSpan ClockOffset { get; init; }

    /// <summary>How much faster its clock runs than the runtime's: 0.01 gains a second in a hundred. More than -1.</summary>
    public double ClockDrift { get; init; }

    /// <summary>Times as long as <see cref="IDeliveryPolicy.CostOf"/> says that its actors take for a message.</summary>
    public double CostFactor { get; init; } = 1;

    /// <summary>Bytes per second that its machine sends, and as many that it receives; infinity for no limit.</summary>
    public double BytesPerSecond { get; init; } = double.PositiveInfinity;
}

/// <summary>Why a process is gone.</summary>
public enum ProcessEndKind
{
    /// <summary>It was told to stop.</summary>
    Stopped,

    /// <summary>An exception was escalated past one of its root actors.</summary>
    Failed,

    /// <summary>It crashed.</summary>
    Crashed,
}

/// <summary>The end of a process.</summary>
/// <param name="Process">The process.</param>
/// <param name="Kind">Why it is gone.</param>
/// <param name="Failure">What was escalated; null unless it failed.</param>
public sealed record ProcessEnd(SimulatedProcess Process, ProcessEndKind Kind, Exception? Failure);
