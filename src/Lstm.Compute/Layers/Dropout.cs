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

    internal override IEnumerable<uint> MaskStreams => Rate > 0 ? [stream] : [];

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

sealed class DropoutRun(Dropout layer, IDevice device) : LayerRun, IWindowedRun
{
    readonly GrowingBuffer _output = new(device);
    Pass _pass;
    DeviceSpan _x, _dy;

    public DeviceSpan Output => _pass.Training ? _output.Span(_pass.Shape.Positions * layer.OutputSize) : _x;

    /// <summary>In place of dy.</summary>
    public DeviceSpan InputGradient => _dy;

    public void Begin(in Pass pass, DeviceSpan x) => (_pass, _x) = (pass, x);

    public void ForwardSteps(LayerWeights weights, TimeWindow window)
    {
        if (_pass.Training) Mask(window, _x, Output);
    }

    public void BeginBackward(DeviceSpan dy) => _dy = dy;

    public void BackwardSteps(LayerWeights weights, TimeWindow window) => Mask(window, _dy, _dy);

    public override DeviceSpan Forward(LayerWeights weights, in Pass pass, DeviceSpan x)
    {
        Begin(pass, x);
        ForwardSteps(weights, new TimeWindow(0, pass.Shape.Steps));
        return Output;
    }

    public override DeviceSpan Backward(LayerWeights weights, in Pass pass, DeviceSpan dy)
    {
        BeginBackward(dy);
        BackwardSteps(weights, new TimeWindow(0, pass.Shape.Steps));
        return InputGradient;
    }

    public override void ShardGradient(RowRange rows, DeviceSpan gradient, bool accumulate)
    {
    }

    public override void Reserve(BatchShape shape, bool training)
    {
        if (training) _output.Reserve((long)shape.Positions * layer.OutputSize);
    }

    protected override void Dispose(bool disposing) => _output.Dispose();

    void Mask(TimeWindow window, DeviceSpan from, DeviceSpan to)
    {
        var (first, length) = (window.First * _pass.Shape.Rows * layer.OutputSize, window.Count * _pass.Shape.Rows * layer.OutputSize);
        var mask = new DropoutMask(layer.Rate, _pass.MaskKey, layer.Stream) { FirstStep = window.First };
        device.Dropout(mask, new(window.Count, _pass.Shape.Rows), _pass.RowKeys, layer.OutputSize, from.Slice(first, length), to.Slice(first, length));
    }
}
