namespace LstmCluster.Compute;

/// <summary>A long short-term memory layer (Hochreiter and Schmidhuber 1997; forget gate of Gers, Schmidhuber and Cummins 2000).</summary>
/// <remarks>
/// <c>z = x W^T + h U^T + b</c>; <c>i,f,o = sigmoid(z)</c>, <c>g = tanh(z)</c>; <c>c' = f*c + i*g</c>; <c>h' = o*tanh(c')</c>;
/// <see cref="LstmOptions"/> says what its options add. All of them run in the same kernels.
/// </remarks>
/// <param name="inputSize">D, features of the input.</param>
/// <param name="units">H.</param>
/// <param name="forgetBias">What the forget gate's bias starts from; with coupled gates the input gate's starts from its negative.</param>
/// <param name="options">Peepholes, normalisation, masks and so on; null for the plain layer.</param>
public sealed partial class Lstm(int inputSize, int units, float forgetBias = 1f, LstmOptions? options = null)
    : RecurrentLayer(inputSize, (options ?? LstmOptions.Plain).OutputSize(units), units, (options ?? LstmOptions.Plain).Reverse)
{
    /// <summary>What the layer does beyond the plain one.</summary>
    public LstmOptions Options { get; } = options ?? LstmOptions.Plain;

    /// <summary>What the input gate's bias starts from; null for an even draw, as in PyTorch, or with coupled gates for the negative of the forget gate's.</summary>
    public float? InputBias { get; init; }

    /// <summary>What the output gate's bias starts from; null for an even draw, as in PyTorch.</summary>
    public float? OutputBias { get; init; }

    internal override int CellSize => Units;

    internal override IEnumerable<uint> MaskStreams =>
        Options.DrawsMasks ? Enumerable.Range(0, LstmOptions.MaskStreams).Select(index => Options.MaskStream + (uint)index) : [];

    /// <summary>GH, rows of the kernels.</summary>
    internal override int GateRows => Options.GateCount * Units;

    private protected override void DeclareWeights(ParameterLayout.Builder parameters)
    {
        var uniform = new UniformInitializer(1 / Math.Sqrt(Units));
        var bias = Options.CoupledInputForget
            ? new GateBiasInitializer(uniform, Units, (int)Gate.Input, -forgetBias)
            : new GateBiasInitializer(uniform, Units, (int)Gate.Forget, forgetBias);
        if (InputBias is { } input) bias = new GateBiasInitializer(bias, Units, (int)Gate.Input, input);
        // The output gate's rows are the last ones, with coupled gates too.
        if (OutputBias is { } output) bias = new GateBiasInitializer(bias, Units, Options.GateCount - 1, output);
        parameters.Add("weight_ih" + Suffix, Initialization.OfKernel(Units, InputSize), GateRows, InputSize);
        parameters.Add("weight_hh" + Suffix, Initialization.OfRecurrentKernel(Units, OutputSize), GateRows, OutputSize);
        parameters.Add("bias_ih" + Suffix, bias, GateRows);
        if (Options.Peephole) parameters.Add("peephole" + Suffix, uniform, Options.GateCount - 1, Units);
        if (Options.Projection > 0) parameters.Add("weight_hr" + Suffix, uniform, OutputSize, Units);
        if (!Options.LayerNorm) return;
        parameters.Add("norm_ih" + Suffix, new GainAndShiftInitializer(), 2, GateRows);
        parameters.Add("norm_hh" + Suffix, new GainAndShiftInitializer(), 2, GateRows);
        parameters.Add("norm_c" + Suffix, new GainAndShiftInitializer(), 2, Units);
    }

    /// <inheritdoc/>
    public override LayerWeights CreateWeights(IDevice device, bool training) => new LstmLayerWeights(this, device, training);

    internal override RecurrentRun CreateRecurrentRun(IDevice device) => new LstmRun(this, device);

    /// <summary>The named tensors within the layer's run of a parameter vector, in the order in which they were declared.</summary>
    internal LstmParameters Views(DeviceSpan parameters)
    {
        var offset = 0;
        var views = new LstmParameters(Next(GateRows * InputSize), Next(GateRows * OutputSize), Next(GateRows));
        if (Options.Peephole) views = views with { Peephole = Next((Options.GateCount - 1) * Units) };
        if (Options.Projection > 0) views = views with { Projection = Next(OutputSize * Units) };
        if (Options.LayerNorm) views = views with { InputNorm = Next(2 * GateRows), RecurrentNorm = Next(2 * GateRows), CellNorm = Next(2 * Units) };
        return views;

        DeviceSpan Next(int length)
        {
            offset += length;
            return parameters.Slice(offset - length, length);
        }
    }
}

sealed class LstmLayerWeights(Lstm layer, IDevice device, bool training) : RecurrentLayerWeights(layer)
{
    readonly PreparedPair _kernel = new(device, layer.GateRows, layer.InputSize, training), _recurrentKernel = new(device, layer.GateRows, layer.OutputSize, training);
    readonly PreparedPair? _projection = layer.Options.Projection > 0 ? new(device, layer.OutputSize, layer.Units, training) : null;

    public LstmWeights Value { get; private set; }

    protected override void LoadWeights(DeviceSpan parameters)
    {
        var views = layer.Views(parameters);
        _kernel.Load(views.Kernel);
        _recurrentKernel.Load(views.RecurrentKernel);
        _projection?.Load(views.Projection);
        Value = new LstmWeights(_kernel.Forward, _recurrentKernel.Forward, _kernel.Backward, _recurrentKernel.Backward, views)
        {
            ProjectionForward = _projection?.Forward,
            ProjectionBackward = _projection?.Backward,
        };
    }

    protected override void Dispose(bool disposing)
    {
        _kernel.Dispose();
        _recurrentKernel.Dispose();
        _projection?.Dispose();
    }
}
