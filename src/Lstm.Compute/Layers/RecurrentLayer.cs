namespace LstmCluster.Compute;

/// <summary>A layer that goes through time step by step and carries a state: LSTM, GRU, RNN.</summary>
/// <param name="inputSize">D, features of the input.</param>
/// <param name="outputSize">P, features of the hidden state, which is the output.</param>
/// <param name="units">H.</param>
/// <param name="reverse">True to run from the last time step to the first.</param>
public abstract class RecurrentLayer(int inputSize, int outputSize, int units, bool reverse) : Layer(inputSize, outputSize)
{
    /// <summary>H.</summary>
    public int Units { get; } = units;

    /// <summary>What the kernels start from.</summary>
    public RecurrentInitialization Initialization { get; init; } = RecurrentInitialization.Uniform;

    /// <summary>True when the layer runs from the last time step to the first.</summary>
    public bool Reverse { get; } = reverse;

    /// <summary>P + the features of the cell: the hidden state, then the cell if there is one.</summary>
    public override int StateSize => OutputSize + CellSize;

    /// <summary>Features of the state beside the hidden one: H for an LSTM, else 0.</summary>
    internal virtual int CellSize => 0;

    /// <summary>How the names of the layer's tensors end.</summary>
    private protected string Suffix => Reverse ? "_l0_reverse" : "_l0";

    /// <inheritdoc/>
    public sealed override LayerRun CreateRun(IDevice device) => CreateRecurrentRun(device);

    /// <summary>Makes what runs batches through the layer, in windows of time where that is wanted.</summary>
    internal abstract RecurrentRun CreateRecurrentRun(IDevice device);
}
