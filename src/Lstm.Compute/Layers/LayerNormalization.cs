namespace LstmCluster.Compute;

/// <summary>
/// Normalises each vector between layers (Ba, Kiros and Hinton 2016): <c>y = gain*(x - mean)/sqrt(variance + epsilon) + shift</c>, with
/// <see cref="LstmOptions.NormEpsilon"/>, as PyTorch's <c>nn.LayerNorm</c>. Within an LSTM it is <see cref="LstmOptions.LayerNorm"/>.
/// </summary>
/// <param name="size">Features.</param>
public sealed class LayerNormalization(int size) : Layer(size, size)
{
    /// <inheritdoc/>
    public override void Declare(ParameterLayout.Builder parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);

        // One behind the other they are the [2,size] that devices take.
        parameters.Add("weight", new ConstantInitializer(1), OutputSize);
        parameters.Add("bias", new ConstantInitializer(0), OutputSize);
    }

    /// <inheritdoc/>
    public override LayerWeights CreateWeights(IDevice device, bool training) => new LayerNormalizationWeights();

    /// <inheritdoc/>
    public override LayerRun CreateRun(IDevice device) => new LayerNormalizationRun(this, device);
}

sealed class LayerNormalizationWeights : LayerWeights
{
    /// <summary>[2,size].</summary>
    public DeviceSpan GainAndShift { get; private set; }

    public override void Load(DeviceSpan parameters) => GainAndShift = parameters;

    protected override void Dispose(bool disposing)
    {
    }
}

sealed class LayerNormalizationRun(LayerNormalization layer, IDevice device) : LayerRun
{
    readonly GrowingBuffer _output = new(device), _normalized = new(device), _inverseDeviations = new(device), _dx = new(device);
    BatchShape _shape;
    DeviceSpan _dy;

    DeviceSpan Normalized => _normalized.Span(_shape.Positions * layer.OutputSize);

    public override DeviceSpan Forward(LayerWeights weights, in Pass pass, DeviceSpan x)
    {
        _shape = pass.Shape;
        var y = _output.Span(_shape.Positions * layer.OutputSize);
        device.NormForward(
            _shape.Positions, layer.OutputSize, x, ((LayerNormalizationWeights)weights).GainAndShift, Normalized, _inverseDeviations.Span(_shape.Positions), y);
        return y;
    }

    public override DeviceSpan Backward(LayerWeights weights, in Pass pass, DeviceSpan dy)
    {
        _dy = dy;
        var dx = _dx.Span(_shape.Positions * layer.InputSize);
        device.NormBackward(
            _shape.Positions, layer.OutputSize, ((LayerNormalizationWeights)weights).GainAndShift, Normalized, _inverseDeviations.Span(_shape.Positions), dy, dx);
        return dx;
    }

    public override void ShardGradient(RowRange rows, DeviceSpan gradient, bool accumulate) =>
        device.NormWeightGradient(_shape, rows, layer.OutputSize, _dy, Normalized, gradient, accumulate);

    public override void Reserve(BatchShape shape, bool training)
    {
        _output.Reserve((long)shape.Positions * layer.OutputSize);
        _normalized.Reserve((long)shape.Positions * layer.OutputSize);
        _inverseDeviations.Reserve(shape.Positions);
        if (training) _dx.Reserve((long)shape.Positions * layer.InputSize);
    }

    internal override LayerRun? RunOf(Layer wanted) => wanted == layer ? this : null;

    protected override void Dispose(bool disposing)
    {
        foreach (var buffer in (ReadOnlySpan<GrowingBuffer>)[_output, _normalized, _inverseDeviations, _dx]) buffer.Dispose();
    }
}
