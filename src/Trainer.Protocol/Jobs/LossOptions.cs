namespace LstmCluster.Protocol;

/// <summary>What training makes small; each loss is a record of its own.</summary>
public abstract record LossOptions;

/// <summary>Softmax cross-entropy of classes (<c>cross-entropy</c>).</summary>
public sealed record CrossEntropyOptions : LossOptions
{
    /// <summary>Label smoothing: share of the target distribution that is spread over all classes.</summary>
    public double Smoothing { get; init; }
}

/// <summary>Cross-entropy of numbers from 0 to 1, each on its own (<c>binary-cross-entropy</c>).</summary>
public sealed record BinaryCrossEntropyOptions : LossOptions;

/// <summary>Squared error of numbers (<c>squared-error</c>).</summary>
public sealed record SquaredErrorOptions : LossOptions;

/// <summary>Squared error up to a distance, linear beyond (<c>huber</c>).</summary>
public sealed record HuberOptions : LossOptions
{
    /// <summary>Distance at which the square ends and the line begins.</summary>
    public double Delta { get; init; } = 1;
}
