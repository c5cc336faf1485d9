using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Weights and optimizer state of one version, of a part of the parameter vector, and how they become the next.</summary>
public sealed class ParameterState : IDisposable
{
    readonly IReadOnlyList<UpdateRule> _rules;
    readonly PayloadPool _pool;
    readonly Payload<float>[] _optimizerState;
    readonly DeviceBuffer[] _imported;
    readonly DeviceSpan[] _operands;

    /// <summary>Starts from given weights and optimizer state.</summary>
    /// <param name="device">Updates; disposed with this.</param>
    /// <param name="rule">How, for the whole parameter vector.</param>
    /// <param name="slice">The part that is kept here.</param>
    /// <param name="start">What it starts from; its references are taken over.</param>
    /// <param name="pool">Where the next weights are rented.</param>
    public ParameterState(IDevice device, UpdateRule rule, ParameterSlice slice, ParameterStart start, PayloadPool pool)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(slice);
        ArgumentNullException.ThrowIfNull(start);
        ArgumentOutOfRangeException.ThrowIfNotEqual(start.OptimizerState.Count, rule.StateNames.Count, nameof(start));
        ArgumentOutOfRangeException.ThrowIfNotEqual(start.Weights.Length, slice.Range.Length, nameof(start));
        (Device, Slice, Version, Weights, _pool) = (device, slice, start.Version, start.Weights, pool);
        _rules = [.. slice.Buckets.Select(rule.Within)];
        KeepsAverage = rule.Average is not null;
        _optimizerState = [.. start.OptimizerState];
        (_imported, _operands) = (new DeviceBuffer[_optimizerState.Length], new DeviceSpan[_optimizerState.Length]);
    }

    /// <summary>What updates.</summary>
    public IDevice Device { get; }

    /// <summary>The part of the parameter vector that is kept here.</summary>
    public ParameterSlice Slice { get; }

    /// <summary>Updates applied.</summary>
    public WeightVersion Version { get; private set; }

    /// <summary>The weights. Workers may hold them, so they are never written: an update makes others.</summary>
    public Payload<float> Weights { get; private set; }

    /// <summary>Sets the gradient of frozen layers to zero, so that the norm does not count it.</summary>
    /// <param name="gradients">The summed gradient of each bucket.</param>
    public void ClearFrozen(IReadOnlyList<Payload<float>> gradients)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        for (var bucket = 0; bucket < gradients.Count; bucket++)
        {
            using var g = Device.Import(gradients[bucket].Memory);
            _rules[bucket].Rates.ClearFrozen(Device, g.All);
            Device.Read(g.All, gradients[bucket].Span);
        }
    }

    /// <summary>Makes the next weights.</summary>
    /// <param name="step">Scale, limit and rate.</param>
    /// <param name="gradients">The summed gradient of each bucket. Scaled in place.</param>
    /// <returns>Sum of squares of each block of the gradient as applied; the caller owns it.</returns>
    public Payload<double> Update(ApplyStep step, IReadOnlyList<Payload<float>> gradients)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(gradients);
        foreach (var gradient in gradients) Scale(step, gradient);
        var squares = BlockSquares(gradients);
        var next = _pool.Rent<float>(Weights.Length);
        using var before = Device.Import(Weights.Memory);
        using var after = Device.Import(next.Memory);
        for (var index = 0; index < _imported.Length; index++) _imported[index] = Device.Import(_optimizerState[index].Memory);
        for (var bucket = 0; bucket < gradients.Count; bucket++)
        {
            var part = Slice.Buckets[bucket].From(Slice.Range);
            for (var index = 0; index < _imported.Length; index++) _operands[index] = part.Of(_imported[index].All);
            using var g = Device.Import(gradients[bucket].Memory);
            _rules[bucket].Apply(Device, step.Step.Value, step.Rate, 1f, g.All, part.Of(before.All), _operands, part.Of(after.All));
        }

        Device.Read(after.All, next.Span);
        for (var index = 0; index < _imported.Length; index++)
        {
            Device.Read(_imported[index].All, _optimizerState[index].Span);
            _imported[index].Dispose();
        }

        Weights.Release();
        Weights = next;
        Version = step.Step.After;
        return squares;
    }

    /// <summary>Sum of squares of each block of a gradient; the caller owns it.</summary>
    /// <param name="gradients">The gradient of each bucket.</param>
    public Payload<double> BlockSquares(IReadOnlyList<Payload<float>> gradients)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        var squares = _pool.Rent<double>(GradientNorm.BlocksIn(Slice.Range.Length));
        var first = 0;
        foreach (var gradient in gradients)
        {
            var blocks = GradientNorm.BlocksIn(gradient.Length);
            BlockNorm.SumSquares(Device, gradient, squares.Span.Slice(first, blocks));
            first += blocks;
        }

        return squares;
    }

    /// <summary>A copy of the moving average of the weights.</summary>
    /// <exception cref="InvalidOperationException">None is kept.</exception>
    public Payload<float> CopyAverage() =>
        KeepsAverage ? _pool.Copy<float>(_optimizerState[^1].Span) : throw new InvalidOperationException("no average of the weights is kept");

    /// <summary>True when a moving average of the weights is kept.</summary>
    public bool KeepsAverage { get; }

    /// <summary>Copies of the optimizer's vectors, for a checkpoint to write while training goes on.</summary>
    public IReadOnlyList<Payload<float>> CopyOptimizerState() => [.. _optimizerState.Select(vector => _pool.Copy<float>(vector.Span))];

    void Scale(ApplyStep step, Payload<float> gradient)
    {
        using var g = Device.Import(gradient.Memory);
        Device.Scale(g.All, (float)step.GradientScale);
        if (step.ValueLimit is { } limit) Device.Clamp(g.All, (float)limit);
        Device.Read(g.All, gradient.Span);
    }

    /// <summary>Gives back the vectors.</summary>
    public void Dispose()
    {
        Weights.Release();
        foreach (var vector in _optimizerState) vector.Release();
        Device.Dispose();
    }
}
