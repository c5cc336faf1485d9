namespace LstmCluster.Compute;

/// <summary>RMSProp (Tieleman and Hinton 2012), with momentum and centering (Graves 2013) as PyTorch defines them.</summary>
/// <param name="Alpha">Decay of the running means.</param>
/// <param name="Epsilon">Added to the denominator.</param>
/// <param name="Momentum">Decay of the velocity; 0 for none.</param>
/// <param name="Centered">True to divide by the root of the gradient's running variance instead of its running mean square.</param>
/// <param name="WeightDecay">L2 penalty added to the gradient.</param>
public sealed record RmsProp(double Alpha = 0.99, double Epsilon = 1e-8, double Momentum = 0, bool Centered = false, double WeightDecay = 0) : Optimizer
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> StateNames { get; } =
        ["mean_square", .. Centered ? (string[])["mean_gradient"] : [], .. Momentum > 0 ? (string[])["velocity"] : []];

    /// <inheritdoc/>
    public override void Apply(
        IOptimizerOperations device, long step, double rate, float gradientScale,
        DeviceSpan gradient, DeviceSpan weights, ReadOnlySpan<DeviceSpan> state, DeviceSpan updated)
    {
        ArgumentNullException.ThrowIfNull(device);
        device.RmsPropStep(
            new RmsPropStep(gradientScale, (float)rate, (float)Alpha, (float)Epsilon, (float)Momentum, (float)WeightDecay),
            gradient, weights, state[0], Centered ? state[1] : default, Momentum > 0 ? state[^1] : default, updated);
    }
}
