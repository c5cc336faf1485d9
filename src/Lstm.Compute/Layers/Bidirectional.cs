namespace LstmCluster.Compute;

/// <summary>Two recurrent layers over the same input, one from the first time step to the last, one the other way round (Schuster and Paliwal 1997).</summary>
/// <remarks>
/// Of rows with lengths each direction sees only the row: backwards it starts at the row's last step. The state is that of the forward direction, then that
/// of the backward direction. The tensors' names are PyTorch's: those of the backward direction end with <c>_reverse</c>.
/// </remarks>
public sealed class Bidirectional : Layer
{
    readonly int _forwardLength;

    /// <summary>Puts two layers side by side; they may be of different kinds and sizes.</summary>
    /// <param name="forward">From the first time step to the last.</param>
    /// <param name="backward">From the last time step to the first.</param>
    /// <param name="merge">How their outputs become one.</param>
    /// <exception cref="ArgumentException">A layer runs the other way, they take inputs of different sizes, their outputs cannot be added, or their masks are the same ones.</exception>
    public Bidirectional(RecurrentLayer forward, RecurrentLayer backward, Merge merge = Merge.Concatenate)
        : base(InputOf(forward), OutputOf(forward, backward, merge))
    {
        if (forward.Reverse || !backward.Reverse)
            throw new ArgumentException("the forward layer must run from the first step to the last, and the backward layer the other way round", nameof(backward));
        if (backward.InputSize != forward.InputSize)
            throw new ArgumentException($"the backward layer takes {backward.InputSize} features, the forward one {forward.InputSize}", nameof(backward));
        if (forward.MaskStreams.Intersect(backward.MaskStreams).Any())
            throw new ArgumentException($"both directions draw masks of the same streams: {nameof(LstmOptions)}.{nameof(LstmOptions.Reversed)} gives each its own", nameof(backward));
        (Forward, Backward, Merge) = (forward, backward, merge);
        _forwardLength = ParameterLayout.LengthOf(forward);
    }

    /// <summary>False: the backward layer begins at the end.</summary>
    public override bool IsCausal => false;

    internal override int BackwardFeatures => Merge == Merge.Concatenate ? Backward.OutputSize : 0;

    /// <summary>From the first time step to the last.</summary>
    public RecurrentLayer Forward { get; }

    /// <summary>From the last time step to the first.</summary>
    public RecurrentLayer Backward { get; }

    /// <summary>How their outputs become one.</summary>
    public Merge Merge { get; }

    /// <summary>The state of the forward direction, then that of the backward direction.</summary>
    public override int StateSize => Forward.StateSize + Backward.StateSize;

    /// <summary>An LSTM in both directions.</summary>
    /// <param name="inputSize">D, features of the input.</param>
    /// <param name="units">H of each direction.</param>
    /// <param name="merge">How the outputs become one.</param>
    /// <param name="forgetBias">What the forget gates' biases start from.</param>
    /// <param name="options">Of each direction, in which masks are drawn apart; null for the plain layer. Its direction is of no account.</param>
    /// <param name="initialization">What the kernels start from; null for uniform numbers.</param>
    public static Bidirectional OfLstm(
        int inputSize, int units, Merge merge = Merge.Concatenate, float forgetBias = 1f, LstmOptions? options = null,
        RecurrentInitialization? initialization = null)
    {
        var forward = (options ?? LstmOptions.Plain) with { Reverse = false };
        return new(Directed(forward), Directed(forward.Reversed()), merge);

        Lstm Directed(LstmOptions own) => new(inputSize, units, forgetBias, own) { Initialization = initialization ?? RecurrentInitialization.Uniform };
    }

    /// <summary>A GRU in both directions.</summary>
    /// <param name="inputSize">D, features of the input.</param>
    /// <param name="units">H of each direction.</param>
    /// <param name="merge">How the outputs become one.</param>
    /// <param name="initialization">What the kernels start from; null for uniform numbers.</param>
    public static Bidirectional OfGru(int inputSize, int units, Merge merge = Merge.Concatenate, RecurrentInitialization? initialization = null)
    {
        return new(Directed(reverse: false), Directed(reverse: true), merge);

        Gru Directed(bool reverse) => new(inputSize, units, reverse) { Initialization = initialization ?? RecurrentInitialization.Uniform };
    }

    /// <summary>A plain RNN in both directions.</summary>
    /// <param name="inputSize">D, features of the input.</param>
    /// <param name="units">H of each direction.</param>
    /// <param name="merge">How the outputs become one.</param>
    /// <param name="initialization">What the kernels start from; null for uniform numbers.</param>
    public static Bidirectional OfRnn(int inputSize, int units, Merge merge = Merge.Concatenate, RecurrentInitialization? initialization = null)
    {
        return new(Directed(reverse: false), Directed(reverse: true), merge);

        Rnn Directed(bool reverse) => new(inputSize, units, reverse) { Initialization = initialization ?? RecurrentInitialization.Uniform };
    }

    /// <inheritdoc/>
    public override void Declare(ParameterLayout.Builder parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        parameters.Declare(Forward);
        parameters.Declare(Backward);
    }

    /// <inheritdoc/>
    public override LayerWeights CreateWeights(IDevice device, bool training) => new BidirectionalWeights(this, device, training);

    /// <inheritdoc/>
    public override LayerRun CreateRun(IDevice device) => new BidirectionalRun(this, device);

    /// <summary>Each direction's part of a run laid out like the layer's parameters.</summary>
    internal (DeviceSpan Forward, DeviceSpan Backward) Views(DeviceSpan parameters) =>
        (parameters.Slice(0, _forwardLength), parameters.Slice(_forwardLength, parameters.Length - _forwardLength));

    static int InputOf(RecurrentLayer forward)
    {
        ArgumentNullException.ThrowIfNull(forward);
        return forward.InputSize;
    }

    static int OutputOf(RecurrentLayer forward, RecurrentLayer backward, Merge merge)
    {
        ArgumentNullException.ThrowIfNull(backward);
        if (merge == Merge.Concatenate) return forward.OutputSize + backward.OutputSize;
        if (merge is not (Merge.Sum or Merge.Average)) throw new ArgumentOutOfRangeException(nameof(merge), merge, "is no way to merge");
        return forward.OutputSize == backward.OutputSize
            ? forward.OutputSize
            : throw new ArgumentException($"outputs of {forward.OutputSize} and {backward.OutputSize} features cannot be added", nameof(backward));
    }
}

sealed class BidirectionalWeights(Bidirectional layer, IDevice device, bool training) : LayerWeights
{
    public LayerWeights Forward { get; } = layer.Forward.CreateWeights(device, training);

    public LayerWeights Backward { get; } = layer.Backward.CreateWeights(device, training);

    public override void Load(DeviceSpan parameters)
    {
        var (forward, backward) = layer.Views(parameters);
        Forward.Load(forward);
        Backward.Load(backward);
    }

    protected override void Dispose(bool disposing)
    {
        Forward.Dispose();
        Backward.Dispose();
    }
}
