namespace LstmCluster.Compute.Tests;

/// <summary>What an LSTM left behind; after backward, <c>Gates</c> still holds what forward left.</summary>
sealed record LstmOutcome(double[] Gates, double[] Cells, double[] Hidden)
{
    public double[] Dz { get; init; } = [];
    public double[] Dh { get; init; } = [];
    public double[] Dx { get; init; } = [];
    public double[] Dh0 { get; init; } = [];
    public double[] Dc0 { get; init; } = [];

    /// <summary>With layer normalisation: inverse deviations.</summary>
    public double[] InverseDeviations { get; init; } = [];

    /// <summary>n, before zoneout of the cell; without it all cells.</summary>
    public double[] NewCells { get; init; } = [];

    /// <summary>One for each shard that was asked for.</summary>
    public List<LstmNumbers> WeightGradients { get; } = [];

    /// <summary>y, [T,N,P].</summary>
    public double[] Output(LstmShape shape) => shape.Options.Reverse ? Hidden[..^StateOf(Hidden, shape)] : Hidden[StateOf(Hidden, shape)..];

    /// <summary>[N,P].</summary>
    public double[] FinalHidden(LstmShape shape) => Final(Hidden, shape);

    /// <summary>[N,H].</summary>
    public double[] FinalCell(LstmShape shape) => Final(Cells, shape);

    public void ShouldHaveTheBitsOf(LstmOutcome wanted, string label)
    {
        Gates.ShouldHaveTheBitsOf(wanted.Gates, $"gates, {label}");
        Cells.ShouldHaveTheBitsOf(wanted.Cells, $"c, {label}");
        Hidden.ShouldHaveTheBitsOf(wanted.Hidden, $"h, {label}");
        Dz.ShouldHaveTheBitsOf(wanted.Dz, $"dz, {label}");
        Dh.ShouldHaveTheBitsOf(wanted.Dh, $"dh, {label}");
        Dx.ShouldHaveTheBitsOf(wanted.Dx, $"dx, {label}");
        Dh0.ShouldHaveTheBitsOf(wanted.Dh0, $"dh0, {label}");
        Dc0.ShouldHaveTheBitsOf(wanted.Dc0, $"dc0, {label}");
        foreach (var (found, gradients) in WeightGradients.Zip(wanted.WeightGradients))
            found.ShouldHaveTheBitsOf(gradients, $"gradient, {label}");
    }

    static double[] Final(double[] states, LstmShape shape) =>
        shape.Options.Reverse ? states[..StateOf(states, shape)] : states[^StateOf(states, shape)..];

    static int StateOf(double[] states, LstmShape shape) => states.Length / (shape.Steps + 1);
}
