using LstmCluster.Actors;

namespace LstmCluster.Simulation;

/// <summary>Does to the processes of a simulation what the seed has drawn, until it heals them.</summary>
/// <param name="world">What all share.</param>
/// <param name="machines">Whose processes.</param>
/// <param name="diskCrashed">Told when the run's disk has lost what was not flushed.</param>
sealed class FaultDriver(World world, IReadOnlyList<Machine> machines, Action diskCrashed)
{
    /// <summary>What a disk says that takes no more.</summary>
    public const string DiskFull = "No space left on device";

    /// <summary>What a disk says that is broken.</summary>
    public const string DiskBroken = "Input/output error";

    readonly List<SimulatedPartition> _cuts = [];

    /// <summary>Begins.</summary>
    public void Begin()
    {
        var plan = world.Plan;
        world.Cluster.Faults = plan.Network;
        Repeat(plan.Partitions, "partition", dice => Cut(dice, oneWay: false));
        Repeat(plan.OneWayCuts, "oneway", dice => Cut(dice, oneWay: true));
        Repeat(plan.Crashes, "crash", Crash);
        Repeat(plan.Pauses, "pause", Pause);
        Repeat(plan.Slownesses, "slow", Slow);
        Repeat(plan.ClockJumps, "skew", Jump);
        Repeat(plan.DiskTroubles, "disk", SpoilDisk);
        if (world.Etcd is not null) Repeat(plan.RegistryTroubles, "registry", SpoilRegistry);
    }

    /// <summary>All is well from now on.</summary>
    public void Heal()
    {
        world.IsHealed = true;
        world.Cluster.Faults = FaultPlan.Calm;
        world.Disk.Failure = null;
        world.Etcd?.Heal();
        foreach (var cut in _cuts) cut.Dispose();
        foreach (var machine in machines)
        {
            if (machine.Process is { } process)
            {
                process.Resume();
                process.CostFactor = 1;
                process.PaceClock(0);
            }

            machine.Start();
        }
    }

    void Repeat(double? meanSeconds, string name, Action<Dice> happen)
    {
        if (meanSeconds is not { } mean) return;
        var dice = new Dice(world.Options.Seed, name);
        void Next() => world.Runtime.After(dice.Wait(mean), () =>
        {
            if (world.IsHealed || world.IsFinished) return;
            happen(dice);
            Next();
        });
        Next();
    }

    void Cut(Dice dice, bool oneWay)
    {
        List<string> one = [], other = [];
        foreach (var name in machines.Select(machine => machine.Name).Concat(world.Etcd is null ? [] : SimulatedEtcd.Nodes)) (dice.Happens(0.5) ? one : other).Add(name);
        var span = dice.Span(0.05, world.Plan.LongestCut);
        if (one.Count == 0 || other.Count == 0) return;
        world.Counts.Add(oneWay ? "one-way cuts" : "partitions");
        _cuts.Add(oneWay ? world.Cluster.PartitionOneWay(one, other, span) : world.Cluster.Partition(one, other, span));
    }

    void Crash(Dice dice)
    {
        var machine = machines[dice.Choose(machines.Count)];
        var (unplugged, down, tears) = (dice.Happens(world.Plan.Unplugged), dice.Span(0.01, world.Plan.LongestDown), dice.Random());
        if (machine.Process is not { } process) return;
        world.Counts.Add(unplugged ? "power failures" : "crashes");
        process.Crash(unplugged);
        if (unplugged && machine is CoordinatorMachine)
        {
            if (world.Plan.DiskTroubles is null) world.Disk.Crash();
            else world.Disk.Crash(tears);
            diskCrashed();
        }

        world.Runtime.After(down, machine.Start);
    }

    void Pause(Dice dice)
    {
        var machine = machines[dice.Choose(machines.Count)];
        var span = dice.Span(0.02, world.Plan.LongestPause);
        if (machine.Process is not { IsPaused: false } process) return;
        world.Counts.Add("pauses");
        process.Pause();
        world.Runtime.After(span, process.Resume);
    }

    void Slow(Dice dice)
    {
        var machine = machines[dice.Choose(machines.Count)];
        var (factor, span) = (dice.Magnitude(1.5, world.Plan.SlowestFactor), dice.Span(0.5, 10));
        if (machine.Process is not { } process) return;
        world.Counts.Add("slow processes");
        process.CostFactor = factor;
        world.Runtime.After(span, () => process.CostFactor = 1);
    }

    void Jump(Dice dice)
    {
        var machine = machines[dice.Choose(machines.Count)];
        var (step, drift) = (TimeSpan.FromSeconds(dice.Between(-3600, 3600)), dice.Between(-1, 1) * world.Plan.LargestDrift);
        if (machine.Process is not { } process) return;
        world.Counts.Add("clock jumps");
        process.StepClock(step);
        process.PaceClock(drift);
    }

    void SpoilRegistry(Dice dice)
    {
        var (which, node, span) = (dice.Choose(4), dice.Choose(SimulatedEtcd.Nodes.Count), dice.Span(0.05, world.Plan.LongestCut));
        var candidates = machines.OfType<CoordinatorMachine>().ToList();
        var candidate = candidates[dice.Choose(candidates.Count)];
        switch (which)
        {
            case 0: Harm("registry nodes stopped", EtcdHealth.Stopped, span, node); break;
            case 1: Harm("registry nodes cut off", EtcdHealth.Isolated, span, node); break;
            case 2: Harm("registries without a majority", EtcdHealth.Stopped, span, node, (node + 1) % SimulatedEtcd.Nodes.Count); break;
            default:
                world.Counts.Add("coordinators cut off from the registry");
                _cuts.Add(world.Cluster.Partition([candidate.Name], SimulatedEtcd.Nodes, span));
                break;
        }
    }

    void Harm(string what, EtcdHealth health, TimeSpan span, params ReadOnlySpan<int> nodes)
    {
        world.Counts.Add(what);
        foreach (var node in nodes)
        {
            var name = SimulatedEtcd.Nodes[node];
            world.Etcd!.Become(name, health);
            world.Runtime.After(span, () => world.Etcd!.Become(name, EtcdHealth.Well));
        }
    }

    void SpoilDisk(Dice dice)
    {
        var (span, reason, rate) = (dice.Span(0.05, 5), dice.Happens(0.5) ? DiskFull : DiskBroken, world.Plan.DiskFailureRate);
        world.Counts.Add("disk troubles");
        Func<string?> failure = () =>
        {
            if (!dice.Happens(rate)) return null;
            world.Counts.Add("failed disk operations");
            return reason;
        };
        world.Disk.Failure = failure;
        world.Runtime.After(span, () =>
        {
            if (world.Disk.Failure == failure) world.Disk.Failure = null;
        });
    }
}
