namespace LstmCluster.Compute;

/// <summary>An affine map at each position: <c>y = x W^T + b</c>.</summary>
/// <param name="inputSize">Features of the input.</param>
/// <param name="outputSize">Features of the output.</param>
public sealed class Linear(int inputSize, int outputSize) : Layer(inputSize, outputSize)
{
    /// <inheritdoc/>
    public override void Declare(ParameterLayout.Builder parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var uniform = new UniformInitializer(1 / Math.Sqrt(InputSize));
        parameters.Add("weight", uniform, OutputSize, InputSize);
        parameters.Add("bias", uniform, OutputSize);
    }

    /// <inheritdoc/>
    public override LayerWeights CreateWeights(IDevice device, bool training) => new LinearWeights(this, device, training);

    /// <inheritdoc/>
    public override LayerRun CreateRun(IDevice device) => new LinearRun(this, device);

    internal (DeviceSpan Kernel, DeviceSpan Bias) Views(DeviceSpan parameters) =>
        (parameters.Slice(0, OutputSize * InputSize), parameters.Slice(OutputSize * InputSize, OutputSize));
}

sealed class LinearWeights(Linear layer, IDevice device, bool training) : LayerWeights
{
    public PreparedMatrix Forward { get; } = device.AllocatePrepared(layer.OutputSize, layer.InputSize, MatrixUse.Forward);

    public PreparedMatrix? Backward { get; } = training ? device.AllocatePrepared(layer.OutputSize, layer.InputSize, MatrixUse.Backward) : null;

    public DeviceSpan Bias { get; private set; }

    public override void Load(DeviceSpan parameters)
    {
        var (kernel, bias) = layer.Views(parameters);
        device.Prepare(kernel, Forward);
        if (Backward is not null) device.Prepare(kernel, Backward);
        Bias = bias;
    }

    protected override void Dispose(bool disposing)
    {
        Forward.Dispose();
        Backward?.Dispose();
    }
}

sealed class LinearRun(Linear layer, IDevice device) : LayerRun
{
    readonly GrowingBuffer _output = new(device), _dx = new(device);
    BatchShape _shape;
    DeviceSpan _x, _dy;

    public override DeviceSpan Forward(LayerWeights weights, in Pass pass, DeviceSpan x)
    {
        var w = (LinearWeights)weights;
        var y = _output.Span(pass.Shape.Positions * layer.OutputSize);
        device.Multiply(x, pass.Shape.Positions, w.Forward, y, w.Bias, accumulate: false);
        (_shape, _x) = (pass.Shape, x);
        return y;
    }

    public override DeviceSpan Backward(LayerWeights weights, in Pass pass, DeviceSpan dy)
    {
        var w = (LinearWeights)weights;
        var dx = _dx.Span(pass.Shape.Positions * layer.InputSize);
        device.Multiply(dy, pass.Shape.Positions, w.Backward!, dx, bias: default, accumulate: false);
        _dy = dy;
        return dx;
    }

    public override void ShardGradient(RowRange rows, DeviceSpan gradient, bool accumulate)
    {
        var (kernel, bias) = layer.Views(gradient);
        device.LinearGradient(_shape, rows, _dy, layer.OutputSize, _x, layer.InputSize, kernel, bias, accumulate);
    }

    public override void Reserve(BatchShape shape, bool training)
    {
        _output.Reserve(shape.Positions * layer.OutputSize);
        if (training) _dx.Reserve(shape.Positions * layer.InputSize);
    }

    protected override void Dispose(bool disposing)
    {
        _output.Dispose();
        _dx.Dispose();
    }
}
