using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Weights and optimizer state of one version, and how they become the next.</summary>
public sealed class ParameterState : IDisposable
{
    readonly Optimizer _optimizer;
    readonly PayloadPool _pool;
    readonly Payload<float>[] _optimizerState;

    /// <summary>Starts from given weights and optimizer state.</summary>
    /// <param name="device">Updates; disposed with this.</param>
    /// <param name="optimizer">How.</param>
    /// <param name="version">Version of the weights.</param>
    /// <param name="weights">The parameter vector; the reference is taken over.</param>
    /// <param name="optimizerState">The optimizer's vectors in its order; the references are taken over.</param>
    /// <param name="pool">Where the next weights are rented.</param>
    public ParameterState(
        IDevice device, Optimizer optimizer, WeightVersion version, Payload<float> weights, IReadOnlyList<Payload<float>> optimizerState, PayloadPool pool)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentOutOfRangeException.ThrowIfNotEqual(optimizerState.Count, optimizer.StateNames.Count);
        (Device, _optimizer, Version, Weights, _pool) = (device, optimizer, version, weights, pool);
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

    /// <summary>Makes the next weights.</summary>
    /// <param name="step">Scale, limit and rate.</param>
    /// <param name="gradient">The summed gradient. Scaled in place.</param>
    /// <param name="norm">Takes the norm.</param>
    /// <returns>L2 norm of the gradient as applied.</returns>
    public double Update(ApplyStep step, Payload<float> gradient, BlockNorm norm)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(gradient);
        ArgumentNullException.ThrowIfNull(norm);
        var appliedNorm = Scale(step, gradient, norm);
        var next = _pool.Rent<float>(Length);
        using var g = Device.Import(gradient.Memory);
        using var before = Device.Import(Weights.Memory);
        using var after = Device.Import(next.Memory);
        var buffers = _optimizerState.Select(vector => Device.Import(vector.Memory)).ToArray();
        _optimizer.Apply(
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
        return appliedNorm;
    }

    /// <summary>Copies of the optimizer's vectors, for a checkpoint to write while training goes on.</summary>
    public IReadOnlyList<Payload<float>> CopyOptimizerState() => [.. _optimizerState.Select(vector => _pool.Copy<float>(vector.Span))];

    double Scale(ApplyStep step, Payload<float> gradient, BlockNorm norm)
    {
        using (var g = Device.Import(gradient.Memory))
        {
            Device.Scale(g.All, (float)step.GradientScale);
            if (step.ValueLimit is { } limit) Device.Clamp(g.All, (float)limit);
            Device.Read(g.All, gradient.Span);
        }

        return Math.Sqrt(norm.SumSquares(gradient));
    }

    /// <summary>Gives back the vectors.</summary>
    public void Dispose()
    {
        Weights.Release();
        foreach (var vector in _optimizerState) vector.Release();
        Device.Dispose();
    }
}
