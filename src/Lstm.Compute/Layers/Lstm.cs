namespace LstmCluster.Compute;

/// <summary>A long short-term memory layer (Hochreiter and Schmidhuber 1997; forget gate of Gers, Schmidhuber and Cummins 2000).</summary>
/// <remarks><c>z = x W^T + h U^T + b</c>; <c>i,f,o = sigmoid(z)</c>, <c>g = tanh(z)</c>; <c>c' = f*c + i*g</c>; <c>h' = o*tanh(c')</c>.</remarks>
/// <param name="inputSize">D, features of the input.</param>
/// <param name="units">H.</param>
/// <param name="forgetBias">What the forget gate's bias starts from.</param>
public sealed class Lstm(int inputSize, int units, float forgetBias = 1f) : Layer(inputSize, units)
{
    /// <summary>Gates of the layer: i, f, g, o.</summary>
    public const int GateCount = 4;

    /// <summary>H.</summary>
    public int Units => OutputSize;

    /// <summary>2H: the hidden state, then the cell.</summary>
    public override int StateSize => 2 * Units;

    /// <inheritdoc/>
    public override void Declare(ParameterLayout.Builder parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var uniform = new UniformInitializer(1 / Math.Sqrt(Units));
        parameters.Add("weight_ih_l0", uniform, GateCount * Units, InputSize);
        parameters.Add("weight_hh_l0", uniform, GateCount * Units, Units);
        parameters.Add("bias_ih_l0", new LstmBiasInitializer(uniform, forgetBias), GateCount * Units);
    }

    /// <inheritdoc/>
    public override LayerWeights CreateWeights(IDevice device, bool training) => new LstmLayerWeights(this, device, training);

    /// <inheritdoc/>
    public override LayerRun CreateRun(IDevice device) => new LstmRun(this, device);

    /// <summary>The kernels and the bias within the layer's run of a parameter vector.</summary>
    internal LstmParameters Views(DeviceSpan parameters)
    {
        var (kernel, recurrent, bias) = (GateCount * Units * InputSize, GateCount * Units * Units, GateCount * Units);
        return new(parameters.Slice(0, kernel), parameters.Slice(kernel, recurrent), parameters.Slice(kernel + recurrent, bias));
    }
}

sealed class LstmLayerWeights : LayerWeights
{
    readonly Lstm _layer;
    readonly IDevice _device;
    readonly PreparedMatrix _forward, _recurrentForward;
    readonly PreparedMatrix? _backward, _recurrentBackward;

    public LstmLayerWeights(Lstm layer, IDevice device, bool training)
    {
        _layer = layer;
        _device = device;
        var gates = Lstm.GateCount * layer.Units;
        _forward = device.AllocatePrepared(gates, layer.InputSize, MatrixUse.Forward);
        _recurrentForward = device.AllocatePrepared(gates, layer.Units, MatrixUse.Forward);
        if (!training) return;
        _backward = device.AllocatePrepared(gates, layer.InputSize, MatrixUse.Backward);
        _recurrentBackward = device.AllocatePrepared(gates, layer.Units, MatrixUse.Backward);
    }

    public LstmWeights Value { get; private set; }

    public override void Load(DeviceSpan parameters)
    {
        var views = _layer.Views(parameters);
        _device.Prepare(views.Kernel, _forward);
        _device.Prepare(views.RecurrentKernel, _recurrentForward);
        if (_backward is not null) _device.Prepare(views.Kernel, _backward);
        if (_recurrentBackward is not null) _device.Prepare(views.RecurrentKernel, _recurrentBackward);
        Value = new LstmWeights(_forward, _recurrentForward, _backward, _recurrentBackward, views);
    }

    protected override void Dispose(bool disposing)
    {
        _forward.Dispose();
        _recurrentForward.Dispose();
        _backward?.Dispose();
        _recurrentBackward?.Dispose();
    }
}
