namespace LstmCluster.Compute;

/// <summary>A plain recurrent layer (Elman 1990): <c>h' = tanh(W x + b + U h)</c>. The teaching baseline.</summary>
/// <param name="inputSize">D, features of the input.</param>
/// <param name="units">H.</param>
/// <param name="reverse">True to run from the last time step to the first.</param>
public sealed partial class Rnn(int inputSize, int units, bool reverse = false)
    : RecurrentLayer(inputSize, units, units, reverse)
{
    internal override int GateRows => Units;

    private protected override void DeclareWeights(ParameterLayout.Builder parameters)
    {
        var uniform = new UniformInitializer(1 / Math.Sqrt(Units));
        parameters.Add("weight_ih" + Suffix, Initialization.OfKernel(Units, InputSize), Units, InputSize);
        parameters.Add("weight_hh" + Suffix, Initialization.OfRecurrentKernel(Units, Units), Units, Units);
        parameters.Add("bias_ih" + Suffix, uniform, Units);
    }

    /// <inheritdoc/>
    public override LayerWeights CreateWeights(IDevice device, bool training) => new RnnLayerWeights(this, device, training);

    internal override RecurrentRun CreateRecurrentRun(IDevice device) => new RnnRun(this, device);

    /// <summary>The named tensors within the layer's run of a parameter vector.</summary>
    internal RnnParameters Views(DeviceSpan parameters)
    {
        var (kernel, recurrentKernel) = (Units * InputSize, Units * Units);
        return new RnnParameters(
            parameters.Slice(0, kernel), parameters.Slice(kernel, recurrentKernel), parameters.Slice(kernel + recurrentKernel, Units));
    }
}

sealed class RnnLayerWeights(Rnn layer, IDevice device, bool training) : RecurrentLayerWeights(layer)
{
    readonly PreparedPair _kernel = new(device, layer.Units, layer.InputSize, training), _recurrentKernel = new(device, layer.Units, layer.Units, training);

    public RnnWeights Value { get; private set; }

    protected override void LoadWeights(DeviceSpan parameters)
    {
        var views = layer.Views(parameters);
        _kernel.Load(views.Kernel);
        _recurrentKernel.Load(views.RecurrentKernel);
        Value = new RnnWeights(_kernel.Forward, _recurrentKernel.Forward, _kernel.Backward, _recurrentKernel.Backward, views);
    }

    protected override void Dispose(bool disposing)
    {
        _kernel.Dispose();
        _recurrentKernel.Dispose();
    }
}
