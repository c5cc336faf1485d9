using LstmCluster.Actors;

namespace LstmCluster.Simulation;

/// <summary>What the processes of a simulation share: time, network, disk, and who watches.</summary>
sealed class World
{
    /// <summary>The run directory.</summary>
    public const string Run = "/run";

    readonly int _thread = Environment.CurrentManagedThreadId;

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

    /// <summary>Sees who believes to lead.</summary>
    public required OneLeader Leaders { get; init; }

    /// <summary>The registry; null where there is one coordinator, whom everybody knows.</summary>
    public SimulatedEtcd? Etcd { get; set; }

    /// <summary>What was done to the processes, and how often.</summary>
    public FaultCounts Counts { get; } = new();

    /// <summary>The faults are over: what has ended is started again at once.</summary>
    public bool IsHealed { get; set; }

    /// <summary>True when the run has finished: nothing is started again.</summary>
    public bool IsFinished { get; set; }

    /// <summary>What has failed outside of actors; null for nothing.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Sees to it that a task that nobody waits for does not fail unseen.</summary>
    public void Watch(Task task)
    {
        async Task LookAsync()
        {
            try
            {
                await task.ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                Failure ??= failure;
            }
        }

        _ = LookAsync();
    }

    /// <summary>True on the thread of the simulation.</summary>
    public bool IsOnThread => Environment.CurrentManagedThreadId == _thread;

    /// <summary>Finds tasks that have left the simulation's thread, from where on the same seed would not do the same.</summary>
    /// <exception cref="InvalidOperationException">This is another thread.</exception>
    public void RequireThread()
    {
        if (IsOnThread) return;
        Failure ??= new InvalidOperationException("a task has left the thread of the simulation");
        throw Failure;
    }
}
