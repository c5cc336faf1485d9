namespace LstmCluster.Compute;

/// <summary>Nadam (Dozat 2016): Adam with Nesterov's momentum, whose weight mu grows over the updates as in PyTorch's NAdam.</summary>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the denominator.</param>
/// <param name="MomentumDecay">psi in <c>mu(t) = Beta1*(1 - 0.96^(t*psi)/2)</c>.</param>
/// <param name="WeightDecay">L2 penalty added to the gradient.</param>
public sealed record Nadam(
    double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8, double MomentumDecay = 4e-3, double WeightDecay = 0) : Optimizer
{
    // A product below it no longer changes 1 minus it in double precision.
    const double Negligible = 1e-18;

    static readonly double LogOfBase = PortableMath.Log(0.96);

    /// <inheritdoc/>
    public override IReadOnlyList<string> StateNames { get; } = ["first_moment", "second_moment"];

    /// <inheritdoc/>
    public override void Apply(
        IOptimizerOperations device, long step, double rate, float gradientScale,
        DeviceSpan gradient, DeviceSpan weights, ReadOnlySpan<DeviceSpan> state, DeviceSpan updated)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        var (mu, next, product) = (MuAt(step), MuAt(step + 1), MuProduct(step));
        var scalars = new NadamStep(
            gradientScale, (float)Beta1, (float)Beta2, (float)(rate * (1 - mu) / (1 - product)), (float)(rate * next / (1 - (product * next))),
            (float)(1 / Math.Sqrt(1 - PortableMath.Power(Beta2, step))), (float)Epsilon, (float)WeightDecay);
        device.NadamStep(scalars, gradient, weights, state[0], state[1], updated);
    }

    double MuAt(long step) => Beta1 * (1 - (0.5 * PortableMath.Exp(step * MomentumDecay * LogOfBase)));

    /// <summary>
    /// <c>mu(1) ... mu(step)</c>, each time from its beginning: a number carried from update to update would be state that a checkpoint must keep.
    /// Every mu is below Beta1, so that the product is negligible after about 60 factors with the usual options.
    /// </summary>
    double MuProduct(long step)
    {
        var product = 1.0;
        for (long factor = 1; factor <= step && product > Negligible; factor++) product *= MuAt(factor);
        return product;
    }
}
