namespace LstmCluster.Compute;

/// <summary>Runs batches through a <see cref="SequenceModel"/> on one device.</summary>
public sealed class SequenceRun : ModelRun
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

    /// <inheritdoc/>
    public override BatchShape LossShape
    {
        get
        {
            Require(_stage >= Stage.Loaded, "nothing was loaded yet: call Load first");
            return _pass.Shape;
        }
    }

    /// <inheritdoc/>
    public override void Load(in Batch batch)
    {
        var shape = batch.Shape;
        var inputs = batch.Tokens;
        var targets = batch.Classes;
        var shards = batch.Shards;
        if (inputs.Length != shape.Positions || (!targets.IsEmpty && targets.Length != shape.Positions))
            throw new ArgumentException($"{inputs.Length} tokens and {targets.Length} targets do not fill a batch of {shape.Steps} steps and {shape.Rows} rows", nameof(batch));
        RequireAllRows(shape.Rows, shards);
        if (inputs.ContainsAnyExceptInRange(0, _model.Vocabulary - 1))
            throw new ArgumentOutOfRangeException(nameof(batch), $"a token must be in 0..{_model.Vocabulary - 1}");
        if (targets.ContainsAnyInRange(_model.Classes, int.MaxValue))
            throw new ArgumentOutOfRangeException(nameof(batch), $"a target must be below {_model.Classes}, or negative to be ignored");
        Reserve(shape, training: false);
        _device.Write(_tokens, inputs);
        if (!targets.IsEmpty) _device.Write(_targets, targets);
        if (_shards.Length != shards.Length) _shards = new ShardRows[shards.Length];
        shards.CopyTo(_shards);
        WriteRowKeys(shape.Rows);
        _embedding.Tokens = _tokens;
        _pass = new Pass(shape, false, 0, _rowKeys, Shards: _shards);
        foreach (var layer in _layers) layer.ResetState(shape);
        (_stage, _hasTargets) = (Stage.Loaded, !targets.IsEmpty);
    }

    /// <summary>Takes in a batch of tokens and classes.</summary>
    /// <param name="shape">T and N.</param>
    /// <param name="inputs">[T,N] tokens, each below the vocabulary size.</param>
    /// <param name="targets">[T,N] classes, negative ones ignored; empty to compute scores only.</param>
    /// <param name="shards">The shards of the batch, ascending; together all N rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A token lies outside of the vocabulary, or a class beyond those of the head.</exception>
    /// <exception cref="ArgumentException">Tokens or targets do not fill the batch, or the shards are not all of its rows in order.</exception>
    public void Load(BatchShape shape, ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, ReadOnlySpan<ShardRows> shards) =>
        Load(new Batch { Shape = shape, Tokens = inputs, Classes = targets, Shards = shards });

    /// <inheritdoc/>
    public override void Reserve(BatchShape shape, bool training, int targetSteps = 0)
    {
        ReserveIndices(shape);
        if (shape.Steps <= _capacity.Steps && shape.Rows <= _capacity.Rows && (_trainingCapacity || !training)) return;
        _capacity = new(Math.Max(shape.Steps, _capacity.Steps), Math.Max(shape.Rows, _capacity.Rows));
        _trainingCapacity |= training;
        foreach (var layer in _layers) layer.Reserve(_capacity, _trainingCapacity);
        _losses.Reserve(_capacity.Positions);
    }

    /// <inheritdoc/>
    public override void WriteState(int row, ReadOnlySpan<float> state)
    {
        Require(_stage >= Stage.Loaded, "a state belongs to a batch: call Load first");
        for (int index = 0, offset = 0; index < _layers.Length; offset += _model.Layers[index++].StateSize)
            _layers[index].WriteState(row, _pass.Shape, state.Slice(offset, _model.Layers[index].StateSize));
    }

    /// <inheritdoc/>
    public override void ReadState(int row, Span<float> state)
    {
        Require(_stage >= Stage.Scores, "a row has no end yet: call Forward first");
        for (int index = 0, offset = 0; index < _layers.Length; offset += _model.Layers[index++].StateSize)
            _layers[index].ReadState(row, _pass.Shape, state.Slice(offset, _model.Layers[index].StateSize));
    }

    /// <inheritdoc/>
    public override void Forward(ModelWeights weights, bool training, ulong maskKey = 0)
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

    /// <inheritdoc/>
    public override void ReadOutputs(Span<float> outputs)
    {
        Require(_stage == Stage.Scores || (_stage == Stage.Losses && !_pass.Training), "there are no scores: call Forward first, and Losses in training afterwards");
        _device.Read(_logits, outputs);
    }

    /// <inheritdoc/>
    public override void Losses(Span<float> losses)
    {
        Require(_stage == Stage.Scores && _hasTargets, "losses need a batch with targets and a Forward of its own");
        var onDevice = _losses.Span(_pass.Shape.Positions);
        _device.SoftmaxCrossEntropy(_logits, _model.Classes, _targets, _pass.Shape.Positions, onDevice, gradient: _pass.Training);
        _device.Read(onDevice, losses);
        _stage = Stage.Losses;
    }

    /// <inheritdoc/>
    public override void Backward(ModelWeights weights, ReadOnlySpan<GradientTarget> targets)
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

    private protected override LayerRun? RunOf(Layer wanted)
    {
        Require(_stage >= Stage.Loaded, "a trace is of a batch: call Load and Forward first");
        foreach (var layer in _layers)
            if (layer.RunOf(wanted) is { } run)
                return run;
        return null;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
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
