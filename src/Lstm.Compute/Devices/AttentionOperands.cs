namespace LstmCluster.Compute;

/// <summary>How a query is compared with a key.</summary>
public enum AttentionScore
{
    /// <summary><c>q . k</c>. Luong's "general" score is this one on keys that went through a linear map.</summary>
    Dot,

    /// <summary><c>v . tanh(q + k)</c> on projected queries and keys (Bahdanau).</summary>
    Additive,
}

/// <summary>Extent of one attention over one batch, or over a window of its decoder time.</summary>
/// <param name="Steps">T, decoder steps.</param>
/// <param name="Rows">N, batch rows.</param>
/// <param name="SourceSteps">S, source steps.</param>
/// <param name="KeySize">A, features of queries and keys.</param>
/// <param name="ValueSize">M, features of values and context.</param>
public readonly record struct AttentionShape(int Steps, int Rows, int SourceSteps, int KeySize, int ValueSize)
{
    /// <summary>How a query is compared with a key.</summary>
    public AttentionScore Score { get; init; }

    /// <summary>Refuses negative extents.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is negative.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Steps);
        ArgumentOutOfRangeException.ThrowIfNegative(Rows);
        ArgumentOutOfRangeException.ThrowIfNegative(SourceSteps);
        ArgumentOutOfRangeException.ThrowIfNegative(KeySize);
        ArgumentOutOfRangeException.ThrowIfNegative(ValueSize);
    }
}

/// <summary>What an attention reads and what it leaves.</summary>
/// <param name="Queries">q, [T,N,A].</param>
/// <param name="Keys">k, [S,N,A].</param>
/// <param name="Values">[S,N,M].</param>
/// <param name="Weights">[T,N,S]: forward writes them, zero beyond a row's length; backward reads them.</param>
/// <param name="Context">[T,N,M]: forward writes it; backward does not need it, and it may then be empty.</param>
public readonly record struct AttentionOperands(DeviceSpan Queries, DeviceSpan Keys, DeviceSpan Values, DeviceSpan Weights, DeviceSpan Context)
{
    /// <summary>[N]: source steps of each row, from 0 to S; null when all have S.</summary>
    public DeviceIndices? SourceLengths { get; init; }

    /// <summary>v, [A], of the additive score; empty for another.</summary>
    public DeviceSpan ScoreVector { get; init; }
}

/// <summary>The gradients that run through an attention's backward pass. Keys and values may be the same memory, their gradients may not.</summary>
/// <param name="Context">Gradient of the context, [T,N,M]. Read.</param>
/// <param name="Queries">Gradient of the queries, [T,N,A]. Written.</param>
/// <param name="Keys">Gradient of the keys, [S,N,A]. Each sum goes on from what it holds.</param>
/// <param name="Values">Gradient of the values, [S,N,M]. Each sum goes on from what it holds.</param>
public readonly record struct AttentionGradients(DeviceSpan Context, DeviceSpan Queries, DeviceSpan Keys, DeviceSpan Values)
{
    /// <summary>Gradient of the score vector, a partial sum for each row, [N,A], so that each shard can take its own; empty without the additive score.
    /// Each sum goes on from what it holds.</summary>
    public DeviceSpan ScoreVector { get; init; }
}
