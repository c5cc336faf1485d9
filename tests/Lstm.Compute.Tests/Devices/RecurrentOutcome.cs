namespace LstmCluster.Compute.Tests;

/// <summary>What a GRU or RNN left behind; after backward, <c>Gates</c> still holds what forward left.</summary>
/// <param name="Gates">[T,N,3H] of a GRU; empty of an RNN.</param>
/// <param name="CandidateProduct">[T,N,H] of a GRU; empty of an RNN.</param>
/// <param name="Hidden">[T+1,N,H].</param>
sealed record RecurrentOutcome(double[] Gates, double[] CandidateProduct, double[] Hidden)
{
    /// <summary>Gradient of the input product, [T,N,3H] of a GRU; empty of an RNN.</summary>
    public double[] Da { get; init; } = [];

    /// <summary>Gradient of the recurrent product, [T,N,3H] of a GRU; empty of an RNN.</summary>
    public double[] Dp { get; init; } = [];

    /// <summary>What stands in place of dy, [T,N,H].</summary>
    public double[] Dh { get; init; } = [];
    public double[] Dx { get; init; } = [];
    public double[] Dh0 { get; init; } = [];

    /// <summary>One for each shard that was asked for.</summary>
    public List<RecurrentNumbers> WeightGradients { get; } = [];

    /// <summary>Each tensor [T,N,width] with its name.</summary>
    public IEnumerable<(string Name, double[] Values)> OverTime =>
        [("gates", Gates), ("candidate product", CandidateProduct), ("da", Da), ("dp", Dp), ("dh", Dh), ("dx", Dx)];

    /// <summary>y, [T,N,H].</summary>
    public double[] Output(RecurrentShape shape) => shape.Reverse ? Hidden[..^StateOf(shape)] : Hidden[StateOf(shape)..];

    /// <summary>[N,H].</summary>
    public double[] FinalHidden(RecurrentShape shape) => shape.Reverse ? Hidden[..StateOf(shape)] : Hidden[^StateOf(shape)..];

    public void ShouldHaveTheBitsOf(RecurrentOutcome wanted, string label)
    {
        foreach (var ((name, found), (_, values)) in OverTime.Zip(wanted.OverTime))
            found.ShouldHaveTheBitsOf(values, $"{name}, {label}");
        Hidden.ShouldHaveTheBitsOf(wanted.Hidden, $"h, {label}");
        Dh0.ShouldHaveTheBitsOf(wanted.Dh0, $"dh0, {label}");
        WeightGradients.Count.ShouldBe(wanted.WeightGradients.Count);
        foreach (var (found, gradients) in WeightGradients.Zip(wanted.WeightGradients))
            found.ShouldHaveTheBitsOf(gradients, $"gradient, {label}");
    }

    static int StateOf(RecurrentShape shape) => shape.Rows * shape.Units;
}
