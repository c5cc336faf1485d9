namespace LstmCluster.Compute;

/// <summary>One named tensor within the parameter vector.</summary>
/// <param name="Name">Name as PyTorch would give it, such as <c>layers.0.weight_hh_l0</c>.</param>
/// <param name="Shape">Extent, row-major.</param>
/// <param name="Offset">Index of its first element in the parameter vector.</param>
/// <param name="Initializer">What it holds before training.</param>
public sealed record Parameter(string Name, IReadOnlyList<int> Shape, int Offset, Initializer Initializer)
{
    /// <summary>Number of elements.</summary>
    public int Length { get; } = Shape.Aggregate(1, (product, extent) => checked(product * extent));
}

/// <summary>A run of the parameter vector: the parameters of one layer, or what one parameter server keeps.</summary>
/// <param name="Offset">Index of the first element.</param>
/// <param name="Length">Number of elements.</param>
public readonly record struct ParameterRange(int Offset, int Length)
{
    /// <summary>The same run of a vector laid out like the parameters: weights, gradient, moments.</summary>
    public DeviceSpan Of(DeviceSpan vector) => vector.Slice(Offset, Length);

    /// <summary>Index after the last element.</summary>
    public int End => Offset + Length;

    /// <summary>What this run and another one have in common; empty, at the beginning of the other or at its end, where that is nothing.</summary>
    public ParameterRange Within(ParameterRange other)
    {
        var first = Math.Clamp(Offset, other.Offset, other.End);
        return new ParameterRange(first, Math.Clamp(End, first, other.End) - first);
    }

    /// <summary>This run, counted from the beginning of another one.</summary>
    public ParameterRange From(ParameterRange other) => this with { Offset = Offset - other.Offset };

    /// <inheritdoc/>
    public override string ToString() => $"elements {Offset} to {End}";
}
