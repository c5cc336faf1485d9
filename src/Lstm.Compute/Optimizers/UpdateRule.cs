using System.Runtime.CompilerServices;

namespace LstmCluster.Compute;

/// <summary>All that turns a gradient into the next weights: an optimizer, the rate of each layer, and an average of the weights where one is kept.</summary>
/// <param name="Optimizer">From gradient to change.</param>
/// <param name="Rates">Factors of the learning rate.</param>
/// <param name="Average">The average to keep; null for none.</param>
public sealed record UpdateRule(Optimizer Optimizer, ParameterRates Rates, WeightAverage? Average = null)
{
    /// <summary>Names of the state vectors: the optimizer's, and behind them the average where one is kept.</summary>
    public IReadOnlyList<string> StateNames { get; } = [.. Optimizer.StateNames, .. Average is null ? (string[])[] : [WeightAverage.StateName]];

    /// <summary>Sets a state vector to what training starts from.</summary>
    /// <param name="vector">Index of the vector in <see cref="StateNames"/>.</param>
    /// <param name="weights">The initial weights.</param>
    /// <param name="state">The vector.</param>
    public void Initialize(int vector, ReadOnlySpan<float> weights, Span<float> state)
    {
        if (vector == Optimizer.StateNames.Count) weights.CopyTo(state);
        else state.Fill(Optimizer.InitialState(vector));
    }

    /// <summary>The rule for a part of the vector, whose vectors hold that part alone. Every element is updated on its own, so the bits are those of the whole.</summary>
    public UpdateRule Within(ParameterRange part) => this with { Rates = Rates.Within(part) };

    /// <summary>One update. Without factors and average it is the optimizer's, bit for bit.</summary>
    /// <param name="device">Where the vectors are.</param>
    /// <param name="step">Number of this update, from 1.</param>
    /// <param name="rate">Learning rate of this update, before the factors.</param>
    /// <param name="gradientScale">Factor of the gradient, from clipping.</param>
    /// <param name="gradient">Averaged gradient.</param>
    /// <param name="weights">Weights before.</param>
    /// <param name="state">State vectors. Updated.</param>
    /// <param name="updated">Weights after; not <paramref name="weights"/> itself.</param>
    public void Apply(
        IDevice device, long step, double rate, float gradientScale,
        DeviceSpan gradient, DeviceSpan weights, ReadOnlySpan<DeviceSpan> state, DeviceSpan updated)
    {
        ArgumentNullException.ThrowIfNull(device);
        var slots = default(StateSlots);
        var vectors = slots[..Optimizer.StateNames.Count];
        for (var run = 0; run < Rates.Ranges.Count; run++)
        {
            var (range, factor) = Rates.Ranges[run];
            if (factor == 0)
            {
                device.Copy(range.Of(weights), range.Of(updated));
                continue;
            }

            for (var index = 0; index < vectors.Length; index++) vectors[index] = range.Of(state[index]);
            Optimizer.Apply(device, step, rate * factor, gradientScale, range.Of(gradient), range.Of(weights), vectors, range.Of(updated));
        }

        Average?.Apply(device, step, updated, state[^1]);
    }

    /// <summary>Room for an optimizer's state vectors on the stack: an update allocates nothing.</summary>
    [InlineArray(Capacity)]
    struct StateSlots
    {
        // More than any optimizer has.
        const int Capacity = 8;

        DeviceSpan _first;
    }
}
