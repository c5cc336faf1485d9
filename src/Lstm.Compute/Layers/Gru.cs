namespace LstmCluster.Compute;

/// <summary>A layer of gated recurrent units (Cho et al. 2014) in PyTorch's and cuDNN's variant.</summary>
/// <remarks>
/// <c>r,z = sigmoid(W x + b + U h + c)</c>, <c>n = tanh(W_n x + b_n + r*(U_n h + c_n))</c>, <c>h' = (1-z)*n + z*h</c>. Gates stand in the order r, z, n;
/// both biases are whole, though their r and z parts do the same, so that files exchange with PyTorch.
/// </remarks>
/// <param name="inputSize">D, features of the input.</param>
/// <param name="units">H.</param>
/// <param name="reverse">True to run from the last time step to the first.</param>
public sealed partial class Gru(int inputSize, int units, bool reverse = false)
    : RecurrentLayer(inputSize, units, units, reverse)
{
    /// <summary>3H, rows of the kernels.</summary>
    internal override int GateRows => 3 * Units;

    private protected override void DeclareWeights(ParameterLayout.Builder parameters)
    {
        var uniform = new UniformInitializer(1 / Math.Sqrt(Units));
        parameters.Add("weight_ih" + Suffix, Initialization.OfKernel(Units, InputSize), GateRows, InputSize);
        parameters.Add("weight_hh" + Suffix, Initialization.OfRecurrentKernel(Units, Units), GateRows, Units);
        parameters.Add("bias_ih" + Suffix, uniform, GateRows);
        parameters.Add("bias_hh" + Suffix, uniform, GateRows);
    }

    /// <inheritdoc/>
    public override LayerWeights CreateWeights(IDevice device, bool training) => new GruLayerWeights(this, device, training);

    internal override RecurrentRun CreateRecurrentRun(IDevice device) => new GruRun(this, device);

    /// <summary>The named tensors within the layer's run of a parameter vector.</summary>
    internal GruParameters Views(DeviceSpan parameters)
    {
        var (kernel, recurrentKernel) = (GateRows * InputSize, GateRows * Units);
        return new GruParameters(
            parameters.Slice(0, kernel), parameters.Slice(kernel, recurrentKernel), parameters.Slice(kernel + recurrentKernel, GateRows),
            parameters.Slice(kernel + recurrentKernel + GateRows, GateRows));
    }
}

sealed class GruLayerWeights(Gru layer, IDevice device, bool training) : RecurrentLayerWeights(layer)
{
    readonly PreparedPair _kernel = new(device, layer.GateRows, layer.InputSize, training), _recurrentKernel = new(device, layer.GateRows, layer.Units, training);

    public GruWeights Value { get; private set; }

    protected override void LoadWeights(DeviceSpan parameters)
    {
        var views = layer.Views(parameters);
        _kernel.Load(views.Kernel);
        _recurrentKernel.Load(views.RecurrentKernel);
        Value = new GruWeights(_kernel.Forward, _recurrentKernel.Forward, _kernel.Backward, _recurrentKernel.Backward, views);
    }

    protected override void Dispose(bool disposing)
    {
        _kernel.Dispose();
        _recurrentKernel.Dispose();
    }
}
