namespace LstmCluster.Compute;

/// <summary>A layer that goes through time step by step and carries a state: LSTM, GRU, RNN.</summary>
/// <param name="inputSize">D, features of the input.</param>
/// <param name="outputSize">P, features of the hidden state, which is the output.</param>
/// <param name="units">H.</param>
/// <param name="reverse">True to run from the last time step to the first.</param>
/// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
public abstract class RecurrentLayer(int inputSize, int outputSize, int units, bool reverse) : Layer(inputSize, outputSize)
{
    /// <summary>H.</summary>
    public int Units { get; } = units > 0 ? units : throw new ArgumentOutOfRangeException(nameof(units), units, "a layer's units must be positive");

    /// <summary>What the kernels start from.</summary>
    public RecurrentInitialization Initialization { get; init; } = RecurrentInitialization.Uniform;

    /// <summary>True when the layer runs from the last time step to the first.</summary>
    public bool Reverse { get; } = reverse;

    /// <summary>True when the state that a sequence starts from is a parameter, at first zero; else it is zero. Rows whose state is set start from that.</summary>
    public bool LearnedInitialState { get; init; }

    /// <summary>
    /// Gradient checkpointing over time: so many steps' activations are kept at once, and backward computes the others' forward again; 0 to keep all.
    /// </summary>
    /// <remarks>The bits stay the same. The layer then runs whole batches only, and cannot be traced.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">It is not a multiple of <see cref="TimeSegments.Steps"/>.</exception>
    public int RecomputeSteps
    {
        get;
        init => field = value >= 0 && value % TimeSegments.Steps == 0
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"the steps to keep must be a multiple of {TimeSegments.Steps}");
    }

    /// <inheritdoc/>
    public override bool IsCausal => !Reverse;

    internal override int BackwardFeatures => Reverse ? OutputSize : 0;

    /// <summary>P + the features of the cell: the hidden state, then the cell if there is one.</summary>
    public override int StateSize => OutputSize + CellSize;

    /// <summary>Features of the state beside the hidden one: H for an LSTM, else 0.</summary>
    internal virtual int CellSize => 0;

    /// <summary>Rows of the kernels.</summary>
    internal abstract int GateRows { get; }

    /// <summary>How the names of the layer's tensors end.</summary>
    private protected string Suffix => Reverse ? "_l0_reverse" : "_l0";

    /// <inheritdoc/>
    public sealed override void Declare(ParameterLayout.Builder parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        DeclareWeights(parameters);
        if (!LearnedInitialState) return;
        parameters.Add("initial_h" + Suffix, new ConstantInitializer(0), OutputSize);
        if (CellSize > 0) parameters.Add("initial_c" + Suffix, new ConstantInitializer(0), CellSize);
    }

    /// <inheritdoc/>
    public sealed override LayerRun CreateRun(IDevice device) => CreateRecurrentRun(device);

    /// <summary>Makes what runs batches through the layer, in windows of time where that is wanted.</summary>
    internal abstract RecurrentRun CreateRecurrentRun(IDevice device);

    /// <summary>The initial state, or its gradient, at the end of the layer's run of a vector; empty where it is not learned.</summary>
    internal DeviceSpan InitialStateOf(DeviceSpan parameters) =>
        LearnedInitialState ? parameters.Slice(parameters.Length - StateSize, StateSize) : default;

    /// <summary>Declares all tensors but the initial state.</summary>
    private protected abstract void DeclareWeights(ParameterLayout.Builder parameters);
}

/// <summary>The parameters of a recurrent layer on a device.</summary>
abstract class RecurrentLayerWeights(RecurrentLayer layer) : LayerWeights
{
    /// <summary>The state that a sequence starts from, [P + cell]; empty where it is not learned.</summary>
    public DeviceSpan InitialState { get; private set; }

    public sealed override void Load(DeviceSpan parameters)
    {
        InitialState = layer.InitialStateOf(parameters);
        LoadWeights(parameters);
    }

    /// <summary>Takes over all parameters but the initial state.</summary>
    protected abstract void LoadWeights(DeviceSpan parameters);
}
