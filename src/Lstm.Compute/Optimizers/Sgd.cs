namespace LstmCluster.Compute;

/// <summary>Stochastic gradient descent, with momentum as PyTorch and Sutskever et al. 2013 (without their rate inside the velocity) define it.</summary>
/// <param name="Momentum">Decay of the velocity; 0 for none.</param>
/// <param name="WeightDecay">L2 penalty added to the gradient.</param>
public sealed record Sgd(double Momentum = 0, double WeightDecay = 0) : Optimizer
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> StateNames { get; } = Momentum > 0 ? ["velocity"] : [];

    /// <inheritdoc/>
    public override void Apply(
        IOptimizerOperations device, long step, double rate, float gradientScale,
        DeviceSpan gradient, DeviceSpan weights, ReadOnlySpan<DeviceSpan> state, DeviceSpan updated)
    {
        ArgumentNullException.ThrowIfNull(device);
        device.SgdStep(
            new SgdStep(gradientScale, (float)rate, (float)Momentum, (float)WeightDecay),
            gradient, weights, state.IsEmpty ? default : state[0], updated);
    }
}
