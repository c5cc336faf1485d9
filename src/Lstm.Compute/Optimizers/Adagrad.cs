namespace LstmCluster.Compute;

/// <summary>Adagrad (Duchi, Hazan and Singer 2011), with PyTorch's decay of the rate.</summary>
/// <param name="RateDecay">Update t uses <c>rate/(1 + (t-1)*RateDecay)</c>.</param>
/// <param name="InitialAccumulator">What each sum of squares starts from.</param>
/// <param name="Epsilon">Added to the denominator.</param>
/// <param name="WeightDecay">L2 penalty added to the gradient.</param>
public sealed record Adagrad(double RateDecay = 0, double InitialAccumulator = 0, double Epsilon = 1e-10, double WeightDecay = 0) : Optimizer
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> StateNames { get; } = ["sum_of_squares"];

    /// <inheritdoc/>
    public override float InitialState(int vector) => (float)InitialAccumulator;

    /// <inheritdoc/>
    public override void Apply(
        IOptimizerOperations device, long step, double rate, float gradientScale,
        DeviceSpan gradient, DeviceSpan weights, ReadOnlySpan<DeviceSpan> state, DeviceSpan updated)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        var decayed = rate / (1 + ((step - 1) * RateDecay));
        device.AdagradStep(
            new AdagradStep(gradientScale, (float)decayed, (float)Epsilon, (float)WeightDecay), gradient, weights, state[0], updated);
    }
}
