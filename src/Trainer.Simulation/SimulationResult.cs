namespace LstmCluster.Simulation;

/// <summary>How a simulation went.</summary>
public sealed record SimulationResult
{
    /// <summary>The seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>What must not happen and has; null where all is well.</summary>
    public required Violation? Violation { get; init; }

    /// <summary>The last events before a violation, oldest first; empty where there is none.</summary>
    public required IReadOnlyList<string> LastEvents { get; init; }

    /// <summary>Steps that were done, those that were done again included.</summary>
    public required long Steps { get; init; }

    /// <summary>Virtual time from the start to the end of the run.</summary>
    public required TimeSpan VirtualTime { get; init; }

    /// <summary>What was done to the processes, by the name of the fault.</summary>
    public required IReadOnlyDictionary<string, long> Faults { get; init; }

    /// <summary>Coordinators, of whichever process, that had to start anew.</summary>
    public required long Restarts { get; init; }

    /// <summary>Messages between processes.</summary>
    public required long Messages { get; init; }

    /// <summary>Equal for two simulations that did the same, event by event.</summary>
    public required ulong TraceHash { get; init; }
}
