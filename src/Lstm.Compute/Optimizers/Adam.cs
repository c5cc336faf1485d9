namespace LstmCluster.Compute;

/// <summary>Adam (Kingma and Ba 2015); with a weight decay AdamW (Loshchilov and Hutter 2019).</summary>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the denominator.</param>
/// <param name="DecoupledWeightDecay">Share of the weights, times the rate, that is taken off at each update.</param>
public sealed record Adam(double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8, double DecoupledWeightDecay = 0) : Optimizer
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> StateNames { get; } = ["first_moment", "second_moment"];

    /// <inheritdoc/>
    public override void Apply(
        IOptimizerOperations device, long step, double rate, float gradientScale,
        DeviceSpan gradient, DeviceSpan weights, ReadOnlySpan<DeviceSpan> state, DeviceSpan updated)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        var correction1 = 1 - PortableMath.Power(Beta1, step);
        var correction2 = 1 - PortableMath.Power(Beta2, step);
        var scalars = new AdamStep(
            gradientScale, (float)Beta1, (float)Beta2, (float)(rate / correction1), (float)(1 / Math.Sqrt(correction2)),
            (float)Epsilon, (float)(1 - (rate * DecoupledWeightDecay)));
        device.AdamStep(scalars, gradient, weights, state[0], state[1], updated);
    }
}
