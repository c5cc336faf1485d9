namespace LstmCluster.Compute;

/// <summary>Inverted dropout between layers (Srivastava et al. 2014). Out of training it passes its input on.</summary>
/// <param name="size">Features.</param>
/// <param name="rate">Probability of zero, in [0,1).</param>
/// <param name="stream">Which mask of the step: unique within the model.</param>
public sealed class Dropout(int size, float rate, uint stream) : Layer(size, size)
{
    /// <summary>Probability of zero.</summary>
    public float Rate { get; } = rate is >= 0 and < 1 ? rate : throw new ArgumentOutOfRangeException(nameof(rate), rate, "must be in [0,1)");

    internal uint Stream => stream;

    /// <inheritdoc/>
    public override void Declare(ParameterLayout.Builder parameters)
    {
    }

    /// <inheritdoc/>
    public override LayerWeights CreateWeights(IDevice device, bool training) => new NoWeights();

    /// <inheritdoc/>
    public override LayerRun CreateRun(IDevice device) => new DropoutRun(this, device);
}

sealed class NoWeights : LayerWeights
{
    public override void Load(DeviceSpan parameters)
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}

sealed class DropoutRun(Dropout layer, IDevice device) : LayerRun
{
    readonly GrowingBuffer _output = new(device);

    public override DeviceSpan Forward(LayerWeights weights, in Pass pass, DeviceSpan x)
    {
        if (!pass.Training) return x;
        var y = _output.Span(pass.Shape.Positions * layer.OutputSize);
        device.Dropout(Mask(pass), pass.Shape, pass.RowKeys, layer.OutputSize, x, y);
        return y;
    }

    public override DeviceSpan Backward(LayerWeights weights, in Pass pass, DeviceSpan dy)
    {
        device.Dropout(Mask(pass), pass.Shape, pass.RowKeys, layer.OutputSize, dy, dy);
        return dy;
    }

    public override void ShardGradient(RowRange rows, DeviceSpan gradient, bool accumulate)
    {
    }

    public override void Reserve(BatchShape shape, bool training)
    {
        if (training) _output.Reserve(shape.Positions * layer.OutputSize);
    }

    protected override void Dispose(bool disposing) => _output.Dispose();

    DropoutMask Mask(in Pass pass) => new(layer.Rate, pass.MaskKey, layer.Stream);
}
