namespace LstmCluster.Compute;

/// <summary>An affine map at each position: <c>y = x W^T + b</c>.</summary>
/// <param name="inputSize">Features of the input.</param>
/// <param name="outputSize">Features of the output.</param>
public sealed class Linear(int inputSize, int outputSize) : Layer(inputSize, outputSize), IHead
{
    Embedding? IHead.TiedTo => null;

    ModelPart IHead.Part => this;

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

    AffineWeights IHead.WeightsOf(LayerWeights own, LayerWeights? embedding) => ((LinearWeights)own).Value;

    (DeviceSpan Kernel, DeviceSpan Bias) IHead.Views(DeviceSpan parameters) => Views(parameters);

    internal (DeviceSpan Kernel, DeviceSpan Bias) Views(DeviceSpan parameters) =>
        (parameters.Slice(0, OutputSize * InputSize), parameters.Slice(OutputSize * InputSize, OutputSize));
}

sealed class LinearWeights(Linear layer, IDevice device, bool training) : LayerWeights
{
    readonly PreparedPair _kernel = new(device, layer.OutputSize, layer.InputSize, training);

    public AffineWeights Value { get; private set; }

    public override void Load(DeviceSpan parameters)
    {
        var (kernel, bias) = layer.Views(parameters);
        _kernel.Load(kernel);
        Value = new AffineWeights(_kernel.Forward, _kernel.Backward, bias);
    }

    protected override void Dispose(bool disposing) => _kernel.Dispose();
}

sealed class LinearRun(Linear layer, IDevice device) : LayerRun
{
    readonly AffineRun _map = new(layer.InputSize, layer.OutputSize, device);

    public override DeviceSpan Forward(LayerWeights weights, in Pass pass, DeviceSpan x)
    {
        _map.Begin(pass.Shape, x);
        return _map.ForwardSteps(((LinearWeights)weights).Value, 0, pass.Shape.Steps);
    }

    public override DeviceSpan Backward(LayerWeights weights, in Pass pass, DeviceSpan dy) => _map.Backward(((LinearWeights)weights).Value, dy);

    public override void ShardGradient(RowRange rows, DeviceSpan gradient, bool accumulate)
    {
        var (kernel, bias) = layer.Views(gradient);
        _map.Gradient(rows, kernel, bias, accumulate);
    }

    public override void Reserve(BatchShape shape, bool training) => _map.Reserve(shape.Positions, training);

    protected override void Dispose(bool disposing) => _map.Dispose();
}
