namespace LstmCluster.Protocol;

/// <summary>Number of a coordinator's reign over a run: it grows with every start of a coordinator, so that what one of before still says can be told.</summary>
/// <param name="Value">The number, from 1; 0 is nobody's.</param>
public readonly record struct Term(long Value) : IComparable<Term>
{
    /// <summary>The term after this one.</summary>
    public Term Next => new(Value + 1);

    /// <inheritdoc/>
    public int CompareTo(Term other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => $"term {Value}";

    /// <summary>True when the left one is the earlier.</summary>
    public static bool operator <(Term left, Term right) => left.Value < right.Value;

    /// <summary>True when the left one is the later.</summary>
    public static bool operator >(Term left, Term right) => left.Value > right.Value;

    /// <summary>True when the left one is not the later.</summary>
    public static bool operator <=(Term left, Term right) => left.Value <= right.Value;

    /// <summary>True when the left one is not the earlier.</summary>
    public static bool operator >=(Term left, Term right) => left.Value >= right.Value;
}

/// <summary>Number of an update of the weights, from 1.</summary>
/// <param name="Value">The number.</param>
public readonly record struct Step(long Value)
{
    /// <summary>The weights that this step starts from.</summary>
    public WeightVersion Before => new(Value - 1);

    /// <summary>The weights that this step makes.</summary>
    public WeightVersion After => new(Value);

    /// <summary>The step after this one.</summary>
    public Step Next => new(Value + 1);

    /// <inheritdoc/>
    public override string ToString() => $"step {Value}";
}

/// <summary>Number of updates that made a set of weights; 0 for the initial ones.</summary>
/// <param name="Value">The number.</param>
/// <param name="Averaged">True for the moving average of the weights after that many updates.</param>
public readonly record struct WeightVersion(long Value, bool Averaged = false)
{
    /// <inheritdoc/>
    public override string ToString() => Averaged ? $"average of version {Value}" : $"version {Value}";
}

/// <summary>What shards are computed for.</summary>
public enum WorkKind
{
    /// <summary>Loss and gradient of a training step.</summary>
    Train,

    /// <summary>Loss alone, without dropout.</summary>
    Evaluate,
}

/// <summary>One round of work over all shards: a training step, or a chunk of a validation pass.</summary>
/// <param name="Kind">What the shards are computed for.</param>
/// <param name="Step">The training step; for an evaluation the last step applied.</param>
/// <param name="Chunk">Which chunk of the validation part; 0 in training.</param>
/// <param name="Averaged">True for an evaluation of the moving average of the weights.</param>
public readonly record struct Round(WorkKind Kind, Step Step, int Chunk, bool Averaged = false)
{
    /// <summary>The weights that the round is computed with.</summary>
    public WeightVersion Weights => Kind == WorkKind.Train ? Step.Before : Step.After with { Averaged = Averaged };

    /// <summary>True when this round is complete before the other one begins: weights are evaluated, chunk by chunk, before the step that starts from them.</summary>
    public bool IsBefore(Round other) =>
        (Weights.Value, Kind == WorkKind.Train ? 1 : 0, Chunk).CompareTo((other.Weights.Value, other.Kind == WorkKind.Train ? 1 : 0, other.Chunk)) < 0;

    /// <inheritdoc/>
    public override string ToString() => Kind == WorkKind.Train ? $"{Step}" : $"validation after {Step}, chunk {Chunk}";
}
