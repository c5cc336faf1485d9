namespace LstmCluster.Simulation;

/// <summary>What a <see cref="ScaleRun"/> has shown.</summary>
public sealed record ScaleResult
{
    /// <summary>The cluster.</summary>
    public required ScaleOptions Options { get; init; }

    /// <summary>Parameter servers that the model had buckets for.</summary>
    public required int ParameterServers { get; init; }

    /// <summary>Steps done.</summary>
    public required int Steps { get; init; }

    /// <summary>Virtual seconds of a step, the first one apart, which waits for the weights that each worker gets when it joins.</summary>
    public required double StepSeconds { get; init; }

    /// <summary>Tokens of a step over its time.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Of the step, the time in which a worker computes.</summary>
    public required double ComputeSeconds { get; init; }

    /// <summary>What DESIGN.md, section 9, says of one way of the exchange: 4P * max(1, W/S) / B.</summary>
    public required double ExchangeSeconds { get; init; }

    /// <summary>Messages between machines.</summary>
    public required long Messages { get; init; }

    /// <summary>Bytes between machines.</summary>
    public required long Bytes { get; init; }

    /// <summary>Real seconds that the simulation took.</summary>
    public required double RealSeconds { get; init; }

    /// <summary>Hash over all that happened: the same seed, the same hash.</summary>
    public required ulong TraceHash { get; init; }

    /// <summary>How the simulated run ended; null when it went well.</summary>
    public required string? Failure { get; init; }
}
