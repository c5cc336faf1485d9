namespace LstmCluster.Compute;

/// <summary>Turns an averaged gradient into the next weights. It holds options only; its state is vectors laid out like the parameters.</summary>
public abstract record Optimizer
{
    /// <summary>Names of the state vectors, in the order in which <see cref="Apply"/> takes them.</summary>
    public abstract IReadOnlyList<string> StateNames { get; }

    /// <summary>One update.</summary>
    /// <param name="device">Where the vectors are.</param>
    /// <param name="step">Number of this update, from 1.</param>
    /// <param name="rate">Learning rate of this update.</param>
    /// <param name="gradientScale">Factor of the gradient, from clipping.</param>
    /// <param name="gradient">Averaged gradient.</param>
    /// <param name="weights">Weights before.</param>
    /// <param name="state">State vectors. Updated.</param>
    /// <param name="updated">Weights after.</param>
    public abstract void Apply(
        IOptimizerOperations device, long step, double rate, float gradientScale,
        DeviceSpan gradient, DeviceSpan weights, ReadOnlySpan<DeviceSpan> state, DeviceSpan updated);
}

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
