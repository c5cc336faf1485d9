using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Weights and optimizer state of one version, and how they become the next.</summary>
public sealed class ParameterState : IDisposable
{
    readonly UpdateRule _rule;
    readonly PayloadPool _pool;
    readonly Payload<float>[] _optimizerState;

    /// <summary>Starts from given weights and optimizer state.</summary>
    /// <param name="device">Updates; disposed with this.</param>
    /// <param name="rule">How.</param>
    /// <param name="version">Version of the weights.</param>
    /// <param name="weights">The parameter vector; the reference is taken over.</param>
    /// <param name="optimizerState">The rule's state vectors in its order; the references are taken over.</param>
    /// <param name="pool">Where the next weights are rented.</param>
    public ParameterState(
        IDevice device, UpdateRule rule, WeightVersion version, Payload<float> weights, IReadOnlyList<Payload<float>> optimizerState, PayloadPool pool)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentOutOfRangeException.ThrowIfNotEqual(optimizerState.Count, rule.StateNames.Count);
        (Device, _rule, Version, Weights, _pool) = (device, rule, version, weights, pool);
        _optimizerState = [.. optimizerState];
    }

    /// <summary>What updates.</summary>
    public IDevice Device { get; }

    /// <summary>Updates applied.</summary>
    public WeightVersion Version { get; private set; }

    /// <summary>The parameter vector. Workers may hold it, so it is never written: an update makes another.</summary>
    public Payload<float> Weights { get; private set; }

    /// <summary>Elements of the parameter vector.</summary>
    public int Length => Weights.Length;

    /// <summary>What training starts from.</summary>
    /// <param name="device">Updates; disposed with the state.</param>
    /// <param name="rule">How.</param>
    /// <param name="parameters">The model's parameters.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="pool">Where vectors are rented.</param>
    public static ParameterState Initial(IDevice device, UpdateRule rule, ParameterLayout parameters, ulong seed, PayloadPool pool)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(pool);
        var weights = pool.Rent<float>(parameters.Length);
        parameters.Initialize(seed, weights.Span);
        var vectors = rule.StateNames.Select(_ => pool.Rent<float>(parameters.Length)).ToList();
        for (var index = 0; index < vectors.Count; index++) rule.Initialize(index, weights.Span, vectors[index].Span);
        return new ParameterState(device, rule, new WeightVersion(0), weights, vectors, pool);
    }

    /// <summary>A part of a gradient in single precision, in whatever form it came.</summary>
    /// <param name="part">The part; its reference is taken over.</param>
    public Payload<float> Singles(GradientPart part) => part.Expand(_pool);

    /// <summary>Sets the gradient of frozen layers to zero, so that the norm does not count it.</summary>
    /// <param name="gradient">The summed gradient.</param>
    public void ClearFrozen(Payload<float> gradient)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        using var g = Device.Import(gradient.Memory);
        _rule.Rates.ClearFrozen(Device, g.All);
        Device.Read(g.All, gradient.Span);
    }

    /// <summary>Makes the next weights.</summary>
    /// <param name="step">Scale, limit and rate.</param>
    /// <param name="gradient">The summed gradient. Scaled in place.</param>
    /// <param name="norm">Takes the norm.</param>
    /// <returns>Sum of squares of each block of the gradient as applied; the caller owns it.</returns>
    public Payload<double> Update(ApplyStep step, Payload<float> gradient, BlockNorm norm)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(gradient);
        ArgumentNullException.ThrowIfNull(norm);
        var squares = Scale(step, gradient, norm);
        var next = _pool.Rent<float>(Length);
        using var g = Device.Import(gradient.Memory);
        using var before = Device.Import(Weights.Memory);
        using var after = Device.Import(next.Memory);
        var buffers = _optimizerState.Select(vector => Device.Import(vector.Memory)).ToArray();
        _rule.Apply(
            Device, step.Step.Value, step.Rate, 1f, g.All, before.All, [.. buffers.Select(buffer => buffer.All)], after.All);

        Device.Read(after.All, next.Span);
        for (var index = 0; index < buffers.Length; index++)
        {
            Device.Read(buffers[index].All, _optimizerState[index].Span);
            buffers[index].Dispose();
        }

        Weights.Release();
        Weights = next;
        Version = step.Step.After;
        return squares;
    }

    /// <summary>Sum of squares of each block of a gradient; the caller owns it.</summary>
    /// <param name="gradient">A gradient vector.</param>
    /// <param name="norm">Takes the sums.</param>
    public Payload<double> BlockSquares(Payload<float> gradient, BlockNorm norm)
    {
        ArgumentNullException.ThrowIfNull(norm);
        var squares = _pool.Rent<double>(norm.Blocks);
        norm.SumSquares(gradient, squares.Span);
        return squares;
    }

    /// <summary>A copy of the moving average of the weights.</summary>
    /// <exception cref="InvalidOperationException">None is kept.</exception>
    public Payload<float> CopyAverage() =>
        _rule.Average is null ? throw new InvalidOperationException("no average of the weights is kept") : _pool.Copy<float>(_optimizerState[^1].Span);

    /// <summary>Copies of the optimizer's vectors, for a checkpoint to write while training goes on.</summary>
    public IReadOnlyList<Payload<float>> CopyOptimizerState() => [.. _optimizerState.Select(vector => _pool.Copy<float>(vector.Span))];

    Payload<double> Scale(ApplyStep step, Payload<float> gradient, BlockNorm norm)
    {
        using (var g = Device.Import(gradient.Memory))
        {
            Device.Scale(g.All, (float)step.GradientScale);
            if (step.ValueLimit is { } limit) Device.Clamp(g.All, (float)limit);
            Device.Read(g.All, gradient.Span);
        }

        return BlockSquares(gradient, norm);
    }

    /// <summary>Gives back the vectors.</summary>
    public void Dispose()
    {
        Weights.Release();
        foreach (var vector in _optimizerState) vector.Release();
        Device.Dispose();
    }
}
