namespace LstmCluster.Compute;

/// <summary>Turns an averaged gradient into the next weights. It holds options only; its state is vectors laid out like the parameters.</summary>
public abstract record Optimizer
{
    /// <summary>Names of the state vectors, in the order in which <see cref="Apply"/> takes them.</summary>
    public abstract IReadOnlyList<string> StateNames { get; }

    /// <summary>What every element of a state vector holds before the first update.</summary>
    /// <param name="vector">Index of the vector in <see cref="StateNames"/>.</param>
    public virtual float InitialState(int vector) => 0f;

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
