namespace LstmCluster.Simulation;

/// <summary>A cluster whose step time is simulated: how many machines of which kind, and how large the model is that they train.</summary>
public sealed record ScaleOptions
{
    /// <summary>Workers, each on a machine of its own.</summary>
    public required int Workers { get; init; }

    /// <summary>Parameters of the model.</summary>
    public required long Parameters { get; init; }

    /// <summary>Bytes per second of each machine's link, each way.</summary>
    public required double BytesPerSecond { get; init; }

    /// <summary>Floating-point operations per second that a worker computes with.</summary>
    public required double FlopsPerSecond { get; init; }

    /// <summary>Bytes per second that a machine's core reads and writes when it sums gradients and makes weights.</summary>
    public required double MemoryBytesPerSecond { get; init; }

    /// <summary>Parameter servers, each on a machine of its own. A model has no more of them than buckets (<see cref="Compute.ParameterBuckets"/>).</summary>
    public int ParameterServers { get; init; } = 1;

    /// <summary>Steps of the job.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>Shards of a step; null for one a worker, so that a step grows with the cluster.</summary>
    public int? Shards { get; init; }

    /// <summary>Tokens of a shard.</summary>
    public int TokensPerShard { get; init; } = 256;

    /// <summary>Time of a message on the way, its bytes apart.</summary>
    public TimeSpan Latency { get; init; } = TimeSpan.FromMicroseconds(50);

    /// <summary>Time that an actor takes for a message, whatever is in it.</summary>
    public TimeSpan MessageCost { get; init; } = TimeSpan.FromMicroseconds(5);

    /// <summary>Draws the order of what happens at the same moment.</summary>
    public ulong Seed { get; init; } = 1;

    /// <exception cref="ArgumentOutOfRangeException">A number makes no cluster.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Workers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Parameters, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ParameterServers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Steps, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Shards ?? 1, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(TokensPerShard, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BytesPerSecond);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(FlopsPerSecond);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MemoryBytesPerSecond);
        ArgumentOutOfRangeException.ThrowIfLessThan(Latency, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MessageCost, TimeSpan.Zero);
    }
}
