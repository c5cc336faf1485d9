using LstmCluster.Actors;

namespace LstmCluster.Simulation;

/// <summary>How bad the world of one seed is: which of the kinds asked for happen, how often and for how long. All of it is drawn from the seed.</summary>
sealed record FaultPlan
{
    /// <summary>When the world heals.</summary>
    public TimeSpan HealsAfter { get; init; }

    /// <summary>What the network does to messages.</summary>
    public NetworkFaults Network { get; init; } = NetworkFaults.None;

    /// <summary>Mean seconds between two partitions; null for none. The same of each kind below.</summary>
    public double? Partitions { get; init; }

    /// <summary>Of cuts in one direction.</summary>
    public double? OneWayCuts { get; init; }

    /// <summary>Longest cut, seconds.</summary>
    public double LongestCut { get; init; }

    /// <summary>Of crashes.</summary>
    public double? Crashes { get; init; }

    /// <summary>Probability that a crash takes the machine along.</summary>
    public double Unplugged { get; init; }

    /// <summary>Longest time until what has crashed is started again, seconds.</summary>
    public double LongestDown { get; init; }

    /// <summary>Of pauses.</summary>
    public double? Pauses { get; init; }

    /// <summary>Longest pause, seconds.</summary>
    public double LongestPause { get; init; }

    /// <summary>Of a process that becomes slow.</summary>
    public double? Slownesses { get; init; }

    /// <summary>Times as long as a slow process takes, at most.</summary>
    public double SlowestFactor { get; init; }

    /// <summary>Of jumps of a clock.</summary>
    public double? ClockJumps { get; init; }

    /// <summary>Fastest drift of a clock.</summary>
    public double LargestDrift { get; init; }

    /// <summary>Of a time in which the disk fails.</summary>
    public double? DiskTroubles { get; init; }

    /// <summary>Probability that an operation fails then.</summary>
    public double DiskFailureRate { get; init; }

    /// <summary>Longest time that writing a checkpoint takes, seconds.</summary>
    public double SlowestCheckpoint { get; init; }

    /// <summary>Of a time in which something of the registry fails.</summary>
    public double? RegistryTroubles { get; init; }

    /// <summary>Draws one.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="kinds">What may happen.</param>
    public static FaultPlan Draw(ulong seed, FaultKinds kinds)
    {
        var healing = new Dice(seed, "healing");
        return new FaultPlan
        {
            HealsAfter = kinds == FaultKinds.None ? TimeSpan.Zero : healing.Span(4, 40),
            Network = Messages(seed, kinds),
            Partitions = Often(seed, kinds, FaultKinds.Partition),
            OneWayCuts = Often(seed, kinds, FaultKinds.OneWay),
            LongestCut = new Dice(seed, "cuts").Magnitude(0.5, 12),
            Crashes = Often(seed, kinds, FaultKinds.Crash),
            Unplugged = new Dice(seed, "unplugged").Between(0, 0.7),
            LongestDown = new Dice(seed, "down").Magnitude(0.2, 6),
            Pauses = Often(seed, kinds, FaultKinds.Pause),
            LongestPause = new Dice(seed, "pauses").Magnitude(0.3, 12),
            Slownesses = Often(seed, kinds, FaultKinds.Slow),
            SlowestFactor = new Dice(seed, "slow").Magnitude(2, 50),
            ClockJumps = Often(seed, kinds, FaultKinds.Skew),
            LargestDrift = kinds.HasFlag(FaultKinds.Skew) ? new Dice(seed, "drift").Magnitude(1e-5, 0.05) : 0,
            DiskTroubles = Often(seed, kinds, FaultKinds.Disk),
            DiskFailureRate = new Dice(seed, "disk").Magnitude(0.01, 1),
            SlowestCheckpoint = kinds.HasFlag(FaultKinds.Disk) ? new Dice(seed, "slow disk").Magnitude(0.01, 6) : 0.005,
            RegistryTroubles = Often(seed, kinds, FaultKinds.Registry),
        };
    }

    /// <summary>One kind alone shows what others hide, so each stays out of a third of the seeds.</summary>
    static bool IsIn(ulong seed, FaultKinds kinds, FaultKinds kind) =>
        kinds.HasFlag(kind) && (kinds == kind || !new Dice(seed, $"without {kind}").Happens(1.0 / 3));

    static double? Often(ulong seed, FaultKinds kinds, FaultKinds kind) =>
        IsIn(seed, kinds, kind) ? new Dice(seed, $"often {kind}").Magnitude(0.7, 12) : null;

    static NetworkFaults Messages(ulong seed, FaultKinds kinds)
    {
        double Rate(FaultKinds kind) => IsIn(seed, kinds, kind) ? new Dice(seed, $"rate {kind}").Magnitude(0.001, 0.2) : 0;
        var late = new Dice(seed, "late");
        return new NetworkFaults
        {
            Loss = Rate(FaultKinds.Loss),
            Duplication = Rate(FaultKinds.Duplicate),
            Reordering = Rate(FaultKinds.Reorder),
            Straggling = late.Span(0.005, 2),
            Latency = IsIn(seed, kinds, FaultKinds.Delay)
                ? new LinkLatency { Minimum = late.Span(0.0001, 0.02), Jitter = late.Span(0.0001, 0.05), SpikeProbability = late.Magnitude(0.0001, 0.03), Spike = late.Span(0.1, 4) }
                : Calm.Latency,
        };
    }

    /// <summary>A network without faults, which takes its time all the same.</summary>
    public static NetworkFaults Calm { get; } = new()
    {
        Latency = new LinkLatency { Minimum = TimeSpan.FromMicroseconds(100), Jitter = TimeSpan.FromMicroseconds(50) },
    };
}
