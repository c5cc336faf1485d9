namespace LstmCluster.Compute;

/// <summary>The rows of one shard within a batch.</summary>
/// <param name="Shard">Index of the shard.</param>
/// <param name="Rows">Its rows.</param>
public readonly record struct ShardRows(int Shard, RowRange Rows);

/// <summary>A node of the reduction tree and where its gradient goes.</summary>
/// <param name="Node">The shards summed.</param>
/// <param name="Gradient">A whole gradient vector, laid out like the parameters.</param>
public readonly record struct GradientTarget(ShardRange Node, DeviceSpan Gradient);

/// <summary>Runs batches of one or more shards through a model on one device.</summary>
/// <remarks>
/// Call in this order: <see cref="Load"/>, <see cref="WriteState"/> for each row, <see cref="Forward"/>, and then as needed <see cref="Losses"/>,
/// <see cref="ReadState"/>, <see cref="Backward"/>. All shards of a batch run as one: rows are independent, so each keeps its bits;
/// only the weight gradients are taken shard by shard.
/// </remarks>
public sealed class SequenceRun : IDisposable
{
    readonly SequenceModel _model;
    readonly IDevice _device;
    readonly LayerRun[] _layers;
    readonly EmbeddingRun _embedding;
    readonly GrowingBuffer _losses;
    readonly GradientReduction _reduction;
    DeviceIndices _tokens, _targets, _rowKeys;
    BatchShape _capacity;
    bool _trainingCapacity;
    bool _hasTargets;
    Stage _stage;
    Pass _pass;
    DeviceSpan _logits;
    ShardRows[] _shards = [];
    int[] _keys = [];

    /// <summary>What was called last, as far as it decides what may be called next.</summary>
    enum Stage
    {
        Empty,
        Loaded,
        Scores,
        Losses,
        Gradients,
    }

    /// <summary>Prepares to run a model on a device.</summary>
    public SequenceRun(SequenceModel model, IDevice device)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(device);
        _model = model;
        _device = device;
        _layers = [.. model.Layers.Select(layer => layer.CreateRun(device))];
        _embedding = (EmbeddingRun)_layers[0];
        _losses = new GrowingBuffer(device);
        _reduction = new GradientReduction(device);
        (_tokens, _targets, _rowKeys) = (device.AllocateIndices(0), device.AllocateIndices(0), device.AllocateIndices(0));
    }

    /// <summary>Takes in a batch.</summary>
    /// <param name="shape">T and N.</param>
    /// <param name="inputs">[T,N] tokens, each below the vocabulary size.</param>
    /// <param name="targets">[T,N] classes, negative ones ignored; empty to compute scores only.</param>
    /// <param name="shards">The shards of the batch, ascending; together all N rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A token lies outside of the vocabulary, or a class beyond those of the head.</exception>
    /// <exception cref="ArgumentException">Tokens or targets do not fill the batch, or the shards are not all of its rows in order.</exception>
    public void Load(BatchShape shape, ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, ReadOnlySpan<ShardRows> shards)
    {
        if (inputs.Length != shape.Positions || (!targets.IsEmpty && targets.Length != shape.Positions))
            throw new ArgumentException($"{inputs.Length} tokens and {targets.Length} targets do not fill a batch of {shape.Steps} steps and {shape.Rows} rows", nameof(inputs));
        RequireAllRows(shape.Rows, shards);
        if (inputs.ContainsAnyExceptInRange(0, _model.Vocabulary - 1))
            throw new ArgumentOutOfRangeException(nameof(inputs), $"a token must be in 0..{_model.Vocabulary - 1}");
        if (targets.ContainsAnyInRange(_model.Classes, int.MaxValue))
            throw new ArgumentOutOfRangeException(nameof(targets), $"a target must be below {_model.Classes}, or negative to be ignored");
        ReserveIndices(shape);
        _device.Write(_tokens, inputs);
        if (!targets.IsEmpty) _device.Write(_targets, targets);
        if (_shards.Length != shards.Length) _shards = new ShardRows[shards.Length];
        shards.CopyTo(_shards);
        WriteRowKeys(shape.Rows);
        _embedding.Tokens = _tokens;
        _pass = new Pass(shape, false, 0, _rowKeys);
        (_stage, _hasTargets) = (Stage.Loaded, !targets.IsEmpty);
    }

    /// <summary>Makes room for batches of this extent, so that later calls allocate nothing.</summary>
    public void Reserve(BatchShape shape, bool training)
    {
        ReserveIndices(shape);
        if (shape.Steps <= _capacity.Steps && shape.Rows <= _capacity.Rows && (_trainingCapacity || !training)) return;
        _capacity = new(Math.Max(shape.Steps, _capacity.Steps), Math.Max(shape.Rows, _capacity.Rows));
        _trainingCapacity |= training;
        foreach (var layer in _layers) layer.Reserve(_capacity, _trainingCapacity);
        _losses.Reserve(_capacity.Positions);
    }

    /// <summary>Sets the state that a row starts from. Call after <see cref="Load"/>, before <see cref="Forward"/>.</summary>
    /// <param name="row">Batch row.</param>
    /// <param name="state">[StateSize] of the model.</param>
    /// <exception cref="InvalidOperationException">No batch was loaded.</exception>
    public void WriteState(int row, ReadOnlySpan<float> state)
    {
        Require(_stage >= Stage.Loaded, "a state belongs to a batch: call Load first");
        Reserve(_pass.Shape, training: false);
        for (int index = 0, offset = 0; index < _layers.Length; offset += _model.Layers[index++].StateSize)
            _layers[index].WriteState(row, _pass.Shape, state.Slice(offset, _model.Layers[index].StateSize));
    }

    /// <summary>Gets the state that a row ended with.</summary>
    /// <param name="row">Batch row.</param>
    /// <param name="state">[StateSize] of the model.</param>
    /// <exception cref="InvalidOperationException">The batch was not run.</exception>
    public void ReadState(int row, Span<float> state)
    {
        Require(_stage >= Stage.Scores, "a row has no end yet: call Forward first");
        for (int index = 0, offset = 0; index < _layers.Length; offset += _model.Layers[index++].StateSize)
            _layers[index].ReadState(row, _pass.Shape, state.Slice(offset, _model.Layers[index].StateSize));
    }

    /// <summary>Forward, up to the scores.</summary>
    /// <param name="weights">A weight version on this device.</param>
    /// <param name="training">True when dropout is on and <see cref="Backward"/> follows.</param>
    /// <param name="maskKey">Key of the step's dropout masks: <see cref="Philox.KeyOf"/>.</param>
    /// <exception cref="InvalidOperationException">No batch was loaded.</exception>
    public void Forward(ModelWeights weights, bool training, ulong maskKey = 0)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Require(_stage >= Stage.Loaded, "nothing to run: call Load first");
        Reserve(_pass.Shape, training);
        _pass = _pass with { Training = training, MaskKey = maskKey };
        var x = default(DeviceSpan);
        for (var index = 0; index < _layers.Length; index++) x = _layers[index].Forward(weights[index], _pass, x);
        _logits = x;
        _stage = Stage.Scores;
    }

    /// <summary>Class scores of the last forward; not after <see cref="Losses"/> in training, which overwrites them.</summary>
    /// <param name="logits">[T,N,classes].</param>
    /// <exception cref="InvalidOperationException">There are no scores, or none any more.</exception>
    public void ReadLogits(Span<float> logits)
    {
        Require(_stage == Stage.Scores || (_stage == Stage.Losses && !_pass.Training), "there are no scores: call Forward first, and Losses in training afterwards");
        _device.Read(_logits, logits);
    }

    /// <summary>Softmax cross-entropy of each position of the last forward; in training also the start of the backward pass.</summary>
    /// <param name="losses">[T,N], nats.</param>
    /// <exception cref="InvalidOperationException">There are no scores, or no targets to compare them with.</exception>
    public void Losses(Span<float> losses)
    {
        Require(_stage == Stage.Scores && _hasTargets, "losses need a batch with targets and a Forward of its own");
        var onDevice = _losses.Span(_pass.Shape.Positions);
        _device.SoftmaxCrossEntropy(_logits, _model.Classes, _targets, _pass.Shape.Positions, onDevice, gradient: _pass.Training);
        _device.Read(onDevice, losses);
        _stage = Stage.Losses;
    }

    /// <summary>Backward, and the gradient of the sum of losses for each target node. Call after <see cref="Losses"/>.</summary>
    /// <param name="weights">The version that forward used.</param>
    /// <param name="targets">Nodes whose leaves are together the shards of the batch, and where their gradients go.</param>
    /// <exception cref="InvalidOperationException">There was no forward pass in training, or its losses were not taken, or it went backward before.</exception>
    public void Backward(ModelWeights weights, ReadOnlySpan<GradientTarget> targets)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Require(_stage == Stage.Losses && _pass.Training, "backward needs a Forward in training and its Losses");

        // Layers go backward in place, so once is all that one forward is good for.
        _stage = Stage.Gradients;
        var dy = _logits;
        for (var index = _layers.Length - 1; index >= 0; index--)
        {
            dy = _layers[index].Backward(weights[index], _pass, dy);
            _reduction.Reduce(_layers[index], _model.Ranges[index], _shards, targets);
        }
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        foreach (var layer in _layers) layer.Dispose();
        _losses.Dispose();
        _reduction.Dispose();
        _tokens.Dispose();
        _targets.Dispose();
        _rowKeys.Dispose();
    }

    static void RequireAllRows(int rows, ReadOnlySpan<ShardRows> shards)
    {
        var (next, last) = (0, -1);
        foreach (var (shard, range) in shards)
        {
            if (range.First != next || range.Count < 1 || shard <= last)
                throw new ArgumentException($"shard {shard} with rows from {range.First} does not follow shard {last} and row {next}", nameof(shards));
            (next, last) = (next + range.Count, shard);
        }

        if (next != rows) throw new ArgumentException($"the shards have {next} rows, the batch {rows}", nameof(shards));
    }

    static void Require(bool condition, string what)
    {
        if (!condition) throw new InvalidOperationException(what);
    }

    void ReserveIndices(BatchShape shape)
    {
        Grow(ref _tokens, shape.Positions);
        Grow(ref _targets, shape.Positions);
        Grow(ref _rowKeys, 2 * shape.Rows);
    }

    void Grow(ref DeviceIndices indices, int length)
    {
        if (indices.Length >= length) return;
        indices.Dispose();
        indices = _device.AllocateIndices(length);
    }

    void WriteRowKeys(int rows)
    {
        if (_keys.Length < 2 * rows) _keys = new int[2 * rows];
        var keys = _keys.AsSpan(0, 2 * rows);
        foreach (var shard in _shards)
        {
            for (var row = 0; row < shard.Rows.Count; row++)
                (keys[2 * (shard.Rows.First + row)], keys[(2 * (shard.Rows.First + row)) + 1]) = (shard.Shard, row);
        }

        _device.Write(_rowKeys, keys);
    }
}
