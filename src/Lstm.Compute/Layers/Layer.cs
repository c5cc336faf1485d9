namespace LstmCluster.Compute;

/// <summary>The description of one layer: sizes and options. It holds no numbers; <see cref="LayerWeights"/> and <see cref="LayerRun"/> do.</summary>
/// <param name="inputSize">D, features of the input.</param>
/// <param name="outputSize">Features of the output.</param>
public abstract class Layer(int inputSize, int outputSize) : ModelPart
{
    /// <summary>D, features of the input.</summary>
    public int InputSize { get; } = Positive(inputSize);

    /// <summary>Features of the output.</summary>
    public int OutputSize { get; } = Positive(outputSize);

    /// <summary>Floats that a batch row carries from one call to the next.</summary>
    public virtual int StateSize => 0;

    /// <summary>True when no output depends on a later input, so that the layer can be fed one step at a time.</summary>
    public virtual bool IsCausal => true;

    /// <summary>So many of the last features of the output go through time backwards: what they have at the first step has seen the whole sequence.</summary>
    internal virtual int BackwardFeatures => 0;

    /// <summary>Makes what runs batches through the layer on a device.</summary>
    public abstract LayerRun CreateRun(IDevice device);

    static int Positive(int size) =>
        size > 0 ? size : throw new ArgumentOutOfRangeException(nameof(size), size, "a layer's sizes must be positive");
}

/// <summary>The parameters of a layer on a device, prepared for one weight version. Shared by all runs of that device kind.</summary>
public abstract class LayerWeights : IDisposable
{
    /// <summary>Takes over a weight version.</summary>
    /// <param name="parameters">The layer's run of the parameter vector, which must stay as it is while these weights are in use.</param>
    public abstract void Load(DeviceSpan parameters);

    /// <summary>Frees the prepared forms.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the prepared forms.</summary>
    protected abstract void Dispose(bool disposing);
}

/// <summary>What a layer has in common for the length of one batch.</summary>
/// <param name="Shape">T and N.</param>
/// <param name="Training">True when dropout is on and a backward pass follows.</param>
/// <param name="MaskKey">Key of the step's dropout masks.</param>
/// <param name="RowKeys">[N,2]: shard and row within the shard.</param>
/// <param name="Lengths">[N]: time steps of each row; null when all have T.</param>
/// <param name="Shards">The rows of each shard, ascending; null when all rows are of one.</param>
public readonly record struct Pass(
    BatchShape Shape, bool Training, ulong MaskKey, DeviceIndices RowKeys, DeviceIndices? Lengths = null, IReadOnlyList<ShardRows>? Shards = null)
{
    /// <summary>What a recurrent layer must know.</summary>
    public RecurrentPass Recurrent => new(Training, MaskKey, RowKeys, Lengths);
}

/// <summary>Computes the gradient of a layer's parameters over the rows of one shard, after the layer's backward pass.</summary>
public interface IShardGradient
{
    /// <summary>True when <see cref="ShardGradient"/> can add to what the target holds.</summary>
    bool CanAccumulate { get; }

    /// <summary>The gradient summed over the positions of the rows.</summary>
    /// <param name="rows">The shard's rows.</param>
    /// <param name="gradient">The layer's run of a gradient vector.</param>
    /// <param name="accumulate">True: the finished sum is added to what the target holds, in one rounding.</param>
    void ShardGradient(RowRange rows, DeviceSpan gradient, bool accumulate);
}

/// <summary>Runs batches through a layer on one device, and keeps what the backward pass needs.</summary>
public abstract class LayerRun : IShardGradient, IDisposable
{
    /// <inheritdoc/>
    public virtual bool CanAccumulate => true;

    /// <summary>Forward.</summary>
    /// <param name="weights">Parameters of the layer.</param>
    /// <param name="pass">What the batch has in common.</param>
    /// <param name="x">[T,N,D]. It must stay as it is until the backward pass is over.</param>
    /// <returns>y, [T,N,OutputSize], in memory of this run.</returns>
    public abstract DeviceSpan Forward(LayerWeights weights, in Pass pass, DeviceSpan x);

    /// <summary>Backward of the last forward, but for the gradient of the parameters.</summary>
    /// <param name="weights">The same parameters.</param>
    /// <param name="pass">The same pass.</param>
    /// <param name="dy">Gradient of y. May be overwritten.</param>
    /// <returns>Gradient of x, in memory of this run or in place of dy.</returns>
    public abstract DeviceSpan Backward(LayerWeights weights, in Pass pass, DeviceSpan dy);

    /// <inheritdoc/>
    public abstract void ShardGradient(RowRange rows, DeviceSpan gradient, bool accumulate);

    /// <summary>Lets every row of the next forward start from the initial state.</summary>
    /// <param name="shape">T and N of that forward.</param>
    public virtual void ResetState(BatchShape shape)
    {
    }

    /// <summary>Sets the state that a row of the next forward starts from. Call after <see cref="ResetState"/>.</summary>
    /// <param name="row">Batch row.</param>
    /// <param name="shape">T and N of that forward.</param>
    /// <param name="state">[StateSize].</param>
    public void WriteState(int row, BatchShape shape, ReadOnlySpan<float> state) => WriteStates(new RowRange(row, 1), shape, state, state.Length);

    /// <summary>Gets the state that the last forward ended with.</summary>
    /// <param name="row">Batch row.</param>
    /// <param name="shape">T and N of that forward.</param>
    /// <param name="state">[StateSize].</param>
    public void ReadState(int row, BatchShape shape, Span<float> state) => ReadStates(new RowRange(row, 1), shape, state, state.Length);

    /// <summary><see cref="WriteState"/> of several rows at once, which a GPU takes in one piece.</summary>
    /// <param name="rows">Batch rows.</param>
    /// <param name="shape">T and N of that forward.</param>
    /// <param name="states">The state of each row, from its first element on.</param>
    /// <param name="stride">Elements from one row's state to the next.</param>
    public virtual void WriteStates(RowRange rows, BatchShape shape, ReadOnlySpan<float> states, int stride)
    {
    }

    /// <summary><see cref="ReadState"/> of several rows at once, which a GPU gives in one piece.</summary>
    /// <param name="rows">Batch rows.</param>
    /// <param name="shape">T and N of that forward.</param>
    /// <param name="states">Where the state of each row goes, from its first element on.</param>
    /// <param name="stride">Elements from one row's state to the next.</param>
    public virtual void ReadStates(RowRange rows, BatchShape shape, Span<float> states, int stride)
    {
    }

    /// <summary>Finds what runs a layer: this run, or one within it.</summary>
    /// <param name="wanted">The layer.</param>
    /// <returns>Null when it is neither.</returns>
    internal virtual LayerRun? RunOf(Layer wanted) => null;

    /// <summary>Makes room for batches of this extent.</summary>
    public abstract void Reserve(BatchShape shape, bool training);

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory.</summary>
    protected abstract void Dispose(bool disposing);
}
