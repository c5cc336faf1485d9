namespace LstmCluster.Protocol;

/// <summary>What to train, on what, and how: a job file as read, with every default filled in (docs/job-file.md).</summary>
public sealed record Job
{
    /// <summary>Name of the job, also of its run directory: letters, digits, <c>.</c>, <c>_</c> and <c>-</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Seed of all randomness. The same job with the same seed gives the same bits.</summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>What the network learns to do.</summary>
    public required TaskOptions Task { get; init; }

    /// <summary>Where the data come from and how they become tokens.</summary>
    public required DataOptions Data { get; init; }

    /// <summary>The network.</summary>
    public required ModelOptions Model { get; init; }

    /// <summary>How it is trained.</summary>
    public required TrainingOptions Training { get; init; }
}
