using LstmCluster.Actors;

namespace LstmCluster.Simulation;

/// <summary>A machine that runs one process, and whoever starts that again when it has ended: systemd, Slurm, Kubernetes.</summary>
/// <param name="world">What all share.</param>
/// <param name="name">Name of the machine and of its process.</param>
abstract class Machine(World world, string name)
{
    static readonly TimeSpan RestartDelay = TimeSpan.FromMilliseconds(500);

    readonly Dice _clock = new(world.Options.Seed, $"clock of {name}");
    bool _isDone;

    /// <summary>Name of the machine and of its process.</summary>
    public string Name => name;

    /// <summary>The process; null while there is none.</summary>
    public SimulatedProcess? Process => world.Cluster.Find(name);

    /// <summary>How often its process was started.</summary>
    public int Starts { get; private set; }

    /// <summary>What all share.</summary>
    protected World World => world;

    /// <summary>Starts the process, unless it runs or has nothing left to do.</summary>
    public void Start()
    {
        if (_isDone || world.IsFinished || Process is not null) return;
        Starts++;
        var process = world.Cluster.Start(name, new ProcessOptions
        {
            Observer = world.Observer,
            Ended = Ended,
            ClockOffset = world.IsHealed ? TimeSpan.Zero : TimeSpan.FromSeconds(_clock.Between(-3600, 3600) * Math.Sign(world.Plan.LargestDrift)),
            ClockDrift = world.IsHealed ? 0 : _clock.Between(-1, 1) * world.Plan.LargestDrift,
        });
        Begin(process);
    }

    /// <summary>Does what the process's program does when it starts.</summary>
    protected abstract void Begin(SimulatedProcess process);

    /// <summary>The process is gone.</summary>
    protected virtual void End(ProcessEnd end)
    {
    }

    /// <summary>Its program ends with success: it is not started again.</summary>
    protected void Finish(SimulatedProcess process)
    {
        _isDone = true;
        Exit(process);
    }

    /// <summary>Its program ends.</summary>
    protected static void Exit(SimulatedProcess process)
    {
        if (process.IsAlive) process.After(TimeSpan.Zero, process.Stop);
    }

    void Ended(ProcessEnd end)
    {
        End(end);

        // What has crashed is started by whoever made it crash.
        if (end.Kind != ProcessEndKind.Crashed && !_isDone) world.Runtime.After(RestartDelay, Start);
    }
}
