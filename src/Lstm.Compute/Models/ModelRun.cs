namespace LstmCluster.Compute;

/// <summary>A node of the reduction tree and where its gradient goes.</summary>
/// <param name="Node">The shards summed.</param>
/// <param name="Gradient">A whole gradient vector, laid out like the parameters.</param>
public readonly record struct GradientTarget(ShardRange Node, DeviceSpan Gradient);

/// <summary>Runs batches of one or more shards through a model on one device.</summary>
/// <remarks>
/// Call in this order: <see cref="Load"/>, <see cref="WriteState"/> for each row that does not start afresh, <see cref="Forward"/>, and then as needed
/// <see cref="Losses"/>, <see cref="ReadState"/>, <see cref="Backward"/>. All shards of a batch run as one: rows are independent, so each keeps its bits;
/// only the weight gradients are taken shard by shard.
/// </remarks>
public abstract class ModelRun : IDisposable
{
    /// <summary>Extent of the loss positions of the loaded batch: [T,N], [1,N] for a pooled sequence, [U,N] for an encoder-decoder.</summary>
    /// <exception cref="InvalidOperationException">No batch was loaded.</exception>
    public abstract BatchShape LossShape { get; }

    /// <summary>Takes in a batch. Every row starts from the model's initial state. A batch that is refused leaves none behind.</summary>
    /// <param name="batch">The batch.</param>
    /// <exception cref="ArgumentOutOfRangeException">A token lies outside of the vocabulary, a class beyond those of the head, a length or a value outside of what it may be.</exception>
    /// <exception cref="ArgumentException">
    /// Inputs or targets do not fill the batch or are not of the model's kind, or the shards are not all of its rows in order.
    /// </exception>
    public abstract void Load(in Batch batch);

    /// <summary>Targets of some rows of the loaded batch that are neither ignored nor padding: classes, or single values. What a mean loss is the mean over.</summary>
    /// <param name="rows">The rows: of a shard, say.</param>
    /// <exception cref="InvalidOperationException">No batch was loaded.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The rows do not lie within the batch.</exception>
    public abstract int CountTargets(RowRange rows);

    /// <summary>Makes room for batches of this extent, so that later calls allocate nothing. Call before <see cref="Load"/>: a loaded batch is given up.</summary>
    /// <param name="shape">T and N.</param>
    /// <param name="training">True when a backward pass follows.</param>
    /// <param name="targetSteps">U of an encoder-decoder.</param>
    public abstract void Reserve(BatchShape shape, bool training, int targetSteps = 0);

    /// <summary>Sets the state that a row starts from. Call after <see cref="Load"/>, before <see cref="Forward"/>.</summary>
    /// <param name="row">Batch row.</param>
    /// <param name="state">[StateSize] of the model.</param>
    /// <exception cref="InvalidOperationException">No batch was loaded.</exception>
    /// <exception cref="ArgumentException">The row is not one of the batch, or the state is of another size.</exception>
    public abstract void WriteState(int row, ReadOnlySpan<float> state);

    /// <summary>Gets the state that a row ended with.</summary>
    /// <param name="row">Batch row.</param>
    /// <param name="state">[StateSize] of the model.</param>
    /// <exception cref="InvalidOperationException">The batch was not run.</exception>
    /// <exception cref="ArgumentException">The row is not one of the batch, or the state is of another size.</exception>
    public abstract void ReadState(int row, Span<float> state);

    /// <summary><see cref="WriteState"/> of several rows at once, which a GPU takes in one piece.</summary>
    /// <param name="rows">Batch rows.</param>
    /// <param name="states">[rows,StateSize] of the model.</param>
    /// <exception cref="InvalidOperationException">No batch was loaded.</exception>
    /// <exception cref="ArgumentException">The rows are not those of the batch, or the states are of another size.</exception>
    public abstract void WriteStates(RowRange rows, ReadOnlySpan<float> states);

    /// <summary><see cref="ReadState"/> of several rows at once, which a GPU gives in one piece.</summary>
    /// <param name="rows">Batch rows.</param>
    /// <param name="states">[rows,StateSize] of the model.</param>
    /// <exception cref="InvalidOperationException">The batch was not run.</exception>
    /// <exception cref="ArgumentException">The rows are not those of the batch, or the states are of another size.</exception>
    public abstract void ReadStates(RowRange rows, Span<float> states);

    /// <summary>Forward, up to the outputs of the head.</summary>
    /// <param name="weights">A weight version on this device.</param>
    /// <param name="training">True when dropout is on and <see cref="Backward"/> follows.</param>
    /// <param name="maskKey">Key of the step's masks: <see cref="Philox.KeyOf"/>.</param>
    /// <exception cref="InvalidOperationException">No batch was loaded.</exception>
    /// <exception cref="ArgumentException">In training: the weights were prepared for inference only.</exception>
    public abstract void Forward(ModelWeights weights, bool training, ulong maskKey = 0);

    /// <summary>What the head gave in the last forward; not after <see cref="Losses"/> in training, which overwrites it.</summary>
    /// <param name="outputs">[positions,outputs]: scores of classes before the softmax, or values.</param>
    /// <exception cref="InvalidOperationException">There are no outputs, or none any more.</exception>
    /// <exception cref="ArgumentException">There is no room for exactly these outputs.</exception>
    public abstract void ReadOutputs(Span<float> outputs);

    /// <summary>Loss at each position of the last forward; in training also the start of the backward pass.</summary>
    /// <param name="losses">[positions]; zero where the target is ignored.</param>
    /// <exception cref="InvalidOperationException">There are no outputs, or no targets to compare them with.</exception>
    /// <exception cref="ArgumentException">There is no room for exactly these losses.</exception>
    public abstract void Losses(Span<float> losses);

    /// <summary>What each shard's gradient, and each sum of two, is rounded to in <see cref="Backward"/>.</summary>
    public GradientPrecision GradientPrecision { get; set; }

    /// <summary>Backward, and the gradient of the sum of losses for each target node. Call after <see cref="Losses"/>.</summary>
    /// <param name="weights">The version that forward used.</param>
    /// <param name="targets">Nodes whose leaves are together the shards of the batch, and where their gradients go.</param>
    /// <param name="finished">
    /// Told of each run of the gradient vector as soon as all targets have it, while backward goes on; together they are the vector, each element once. An exception of it ends
    /// the pass.
    /// </param>
    /// <exception cref="ArgumentException">A gradient is not laid out like the parameters, or the leaves are not the shards of the batch, each once.</exception>
    /// <exception cref="InvalidOperationException">There was no forward pass in training, or its losses were not taken, or it went backward before.</exception>
    public abstract void Backward(ModelWeights weights, ReadOnlySpan<GradientTarget> targets, Action<ParameterRange>? finished = null);

    /// <summary>Records what went on inside an LSTM layer in the last forward. Call before <see cref="Backward"/>, which overwrites it.</summary>
    /// <param name="layer">A layer of the model, or one within another layer of it.</param>
    /// <exception cref="ArgumentException">The model does not have the layer.</exception>
    /// <exception cref="InvalidOperationException">There was no forward, or its gates are no longer there.</exception>
    public LstmTrace Trace(Lstm layer) =>
        RunOf(layer) is LstmRun run ? run.Trace() : throw new ArgumentException("the model does not have this layer", nameof(layer));

    /// <summary>Finds what runs a layer.</summary>
    /// <param name="wanted">The layer.</param>
    /// <returns>Null when the model does not have it.</returns>
    private protected virtual LayerRun? RunOf(Layer wanted) => null;

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory.</summary>
    protected abstract void Dispose(bool disposing);
}
