using LstmCluster.Actors;

namespace LstmCluster.Simulation;

/// <summary>What the processes of a simulation share: time, network, disk, and who watches.</summary>
sealed class World
{
    /// <summary>The run directory.</summary>
    public const string Run = "/run";

    /// <summary>The job.</summary>
    public required SimulatedJob Job { get; init; }

    /// <summary>What is simulated.</summary>
    public required SimulationOptions Options { get; init; }

    /// <summary>Which processes there are.</summary>
    public required ClusterShape Shape { get; init; }

    /// <summary>How bad the world is.</summary>
    public required FaultPlan Plan { get; init; }

    /// <summary>Time, order and randomness.</summary>
    public required SimulatedRuntime Runtime { get; init; }

    /// <summary>The network.</summary>
    public required SimulatedCluster Cluster { get; init; }

    /// <summary>All payloads.</summary>
    public required PayloadPool Pool { get; init; }

    /// <summary>Around every actor.</summary>
    public required Tap Tap { get; init; }

    /// <summary>Hears of failures of actors.</summary>
    public required IActorObserver Observer { get; init; }

    /// <summary>The disk with the run's directory.</summary>
    public required SimulatedDisk Disk { get; init; }

    /// <summary>Sees who changes the directory.</summary>
    public required DirectoryHasOneTerm Directory { get; init; }

    /// <summary>What was done to the processes, and how often.</summary>
    public FaultCounts Counts { get; } = new();

    /// <summary>The faults are over: what has ended is started again at once.</summary>
    public bool IsHealed { get; set; }

    /// <summary>True when the run has finished: nothing is started again.</summary>
    public bool IsFinished { get; set; }
}
