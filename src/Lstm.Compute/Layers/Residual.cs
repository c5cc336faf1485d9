namespace LstmCluster.Compute;

/// <summary>A layer and a way around it (He et al. 2016): <c>y = inner(x) + x</c>. Its tensors and its state are those of the inner layer.</summary>
public sealed class Residual : Layer
{
    /// <summary>Leads the input around a layer.</summary>
    /// <param name="inner">The layer.</param>
    /// <exception cref="ArgumentException">The inner layer's output is not of the size of its input.</exception>
    public Residual(Layer inner)
        : base(SizeOf(inner), inner.OutputSize) => Inner = inner;

    /// <summary>The layer that is led around.</summary>
    public Layer Inner { get; }

    /// <inheritdoc/>
    public override bool IsCausal => Inner.IsCausal;

    internal override int BackwardFeatures => Inner.BackwardFeatures;

    /// <inheritdoc/>
    public override int StateSize => Inner.StateSize;

    /// <inheritdoc/>
    public override void Declare(ParameterLayout.Builder parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        parameters.Declare(Inner);
    }

    /// <inheritdoc/>
    public override LayerWeights CreateWeights(IDevice device, bool training) => Inner.CreateWeights(device, training);

    /// <inheritdoc/>
    public override LayerRun CreateRun(IDevice device) => new ResidualRun(this, device);

    static int SizeOf(Layer inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        if (inner.InputSize != inner.OutputSize)
            throw new ArgumentException($"the inner layer makes {inner.OutputSize} features of {inner.InputSize}: a sum needs as many", nameof(inner));
        return inner.InputSize;
    }
}

sealed class ResidualRun(Residual layer, IDevice device) : LayerRun
{
    readonly LayerRun _inner = layer.Inner.CreateRun(device);
    readonly GrowingBuffer _output = new(device), _dx = new(device);

    public override bool CanAccumulate => _inner.CanAccumulate;

    public override DeviceSpan Forward(LayerWeights weights, in Pass pass, DeviceSpan x)
    {
        // Into memory of its own, because the inner layer's output may be its state.
        var y = _output.Span(pass.Shape.Positions * layer.OutputSize);
        device.Copy(_inner.Forward(weights, pass, x), y);
        device.Add(y, x);
        return y;
    }

    public override DeviceSpan Backward(LayerWeights weights, in Pass pass, DeviceSpan dy)
    {
        // Before the inner layer, which may overwrite it.
        var dx = _dx.Span(pass.Shape.Positions * layer.OutputSize);
        device.Copy(dy, dx);
        device.Add(dx, _inner.Backward(weights, pass, dy));
        return dx;
    }

    public override void ShardGradient(RowRange rows, DeviceSpan gradient, bool accumulate) => _inner.ShardGradient(rows, gradient, accumulate);

    public override void ResetState(BatchShape shape) => _inner.ResetState(shape);

    public override void WriteStates(RowRange rows, BatchShape shape, ReadOnlySpan<float> states, int stride) => _inner.WriteStates(rows, shape, states, stride);

    public override void ReadStates(RowRange rows, BatchShape shape, Span<float> states, int stride) => _inner.ReadStates(rows, shape, states, stride);

    public override void Reserve(BatchShape shape, bool training)
    {
        _inner.Reserve(shape, training);
        _output.Reserve((long)shape.Positions * layer.OutputSize);
        if (training) _dx.Reserve((long)shape.Positions * layer.OutputSize);
    }

    internal override LayerRun? RunOf(Layer wanted) => wanted == layer ? this : _inner.RunOf(wanted);

    protected override void Dispose(bool disposing)
    {
        _inner.Dispose();
        _output.Dispose();
        _dx.Dispose();
    }
}
