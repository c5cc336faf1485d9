namespace LstmCluster.Compute;

/// <summary>Runs batches through a <see cref="SequenceModel"/> on one device.</summary>
/// <remarks>Rows of a batch may have different lengths: each computes what it would compute alone, and what stands beyond its end is not even read.</remarks>
public sealed class SequenceRun : ModelRun
{
    readonly SequenceModel _model;
    readonly IDevice _device;
    readonly BatchRows _rows;
    readonly InputStage _input;
    readonly InputGradient[] _inputGradients;
    readonly LayerRun[] _layers;
    readonly PoolingRun? _pooling;
    readonly OutputStage _output;
    readonly GradientReduction _reduction;
    readonly RunStage _stage = new();
    Pass _pass;

    /// <summary>Prepares to run a model on a device.</summary>
    public SequenceRun(SequenceModel model, IDevice device)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(device);
        (_model, _device) = (model, device);
        _rows = new BatchRows(device);
        _input = InputStage.Create(model.Embedding, model.Features, model.Tokens, device);
        _layers = [.. model.Body.Select(layer => layer.CreateRun(device))];
        _pooling = model.Pooling is { } kind ? new PoolingRun(kind, model.Head.InputSize, model.BackwardFeatures, device) : null;
        _output = new OutputStage(model.Head, model.Loss, device);

        // The first part is the embedding, whose table the head may share.
        _inputGradients = [.. _input.Gradients.Select(gradient => gradient.Part == 0 ? gradient with { Source = _output.WithEmbedding(gradient.Source) } : gradient)];
        _reduction = new GradientReduction(device);
    }

    /// <inheritdoc/>
    public override BatchShape LossShape
    {
        get
        {
            _stage.RequireBatch();
            return _output.Shape;
        }
    }

    /// <summary>[positions], the losses that were taken last, in the device's own precision.</summary>
    internal DeviceSpan DeviceLosses => _output.DeviceLosses;

    /// <inheritdoc/>
    public override void Load(in Batch batch)
    {
        _stage.Clear();
        _rows.Load(batch.Shape, batch.Shards, batch.Lengths);
        MakeRoom(batch.Shape, training: false);
        _input.Load(batch, _rows);
        _output.Load(LossShapeOf(batch.Shape), batch, _rows.Lengths);
        foreach (var layer in _layers) layer.ResetState(batch.Shape);
        _stage.Loaded();
    }

    /// <summary>Takes in a batch of tokens and classes.</summary>
    /// <param name="shape">T and N.</param>
    /// <param name="inputs">[T,N] tokens, each below the vocabulary size.</param>
    /// <param name="targets">Class at each loss position, negative ones ignored; empty to compute scores only.</param>
    /// <param name="shards">The shards of the batch, ascending; together all N rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A token lies outside of the vocabulary, or a class beyond those of the head.</exception>
    /// <exception cref="ArgumentException">Tokens or targets do not fill the batch, or the shards are not all of its rows in order.</exception>
    public void Load(BatchShape shape, ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, ReadOnlySpan<ShardRows> shards) =>
        Load(new Batch { Shape = shape, Tokens = inputs, Classes = targets, Shards = shards });

    /// <inheritdoc/>
    public override int CountTargets(RowRange rows)
    {
        _stage.RequireBatch();
        return _output.CountTargets(rows);
    }

    /// <inheritdoc/>
    public override void Reserve(BatchShape shape, bool training, int targetSteps = 0)
    {
        _stage.Clear();
        MakeRoom(shape, training);
    }

    /// <inheritdoc/>
    public override void WriteState(int row, ReadOnlySpan<float> state) => WriteStates(new RowRange(row, 1), state);

    /// <inheritdoc/>
    public override void ReadState(int row, Span<float> state) => ReadStates(new RowRange(row, 1), state);

    /// <inheritdoc/>
    public override void WriteStates(RowRange rows, ReadOnlySpan<float> states)
    {
        _stage.GoForward();
        RunChecks.RequireStates(rows, _rows.Shape.Rows, states, _model);
        for (int index = 0, offset = 0; index < _layers.Length; offset += _model.Body[index++].StateSize)
            _layers[index].WriteStates(rows, _rows.Shape, states[offset..], _model.StateSize);
    }

    /// <inheritdoc/>
    public override void ReadStates(RowRange rows, Span<float> states)
    {
        _stage.RequireForward();
        RunChecks.RequireStates(rows, _rows.Shape.Rows, states, _model);
        for (int index = 0, offset = 0; index < _layers.Length; offset += _model.Body[index++].StateSize)
            _layers[index].ReadStates(rows, _rows.Shape, states[offset..], _model.StateSize);
    }

    /// <inheritdoc/>
    public override void Forward(ModelWeights weights, bool training, ulong maskKey = 0)
    {
        RunChecks.RequireWeights(weights, training);
        _stage.GoForward();
        if (training) MakeRoom(_rows.Shape, training);
        _pass = _rows.Pass(training, maskKey);
        var x = _input.Forward(weights, _pass);
        for (var index = 0; index < _layers.Length; index++) x = _layers[index].Forward(weights[_model.FirstOfBody + index], _pass, x);
        if (_pooling is not null) x = _pooling.Forward(_rows, x);
        _output.Forward(_model.HeadOf(weights), x);
        _stage.RanForward(training);
    }

    /// <inheritdoc/>
    public override void ReadOutputs(Span<float> outputs)
    {
        _stage.RequireOutputs();
        RunChecks.RequireLength(outputs.Length, _output.Outputs.Length, nameof(outputs));
        _device.Read(_output.Outputs, outputs);
    }

    /// <inheritdoc/>
    public override void Losses(Span<float> losses)
    {
        RunChecks.RequireLength(losses.Length, LossShape.Positions, nameof(losses));
        _stage.TakeLosses(_output.HasTargets);
        _output.Losses(losses, _pass.Training);
    }

    /// <inheritdoc/>
    public override void Backward(ModelWeights weights, ReadOnlySpan<GradientTarget> targets, Action<ParameterRange>? finished = null)
    {
        RunChecks.RequireWeights(weights, training: true);
        _stage.RequireLosses();
        RunChecks.RequireTargets(targets, _rows.Shards, _model);
        _stage.GoBackward();
        var dx = _output.Backward(_model.HeadOf(weights));
        Reduce(_output, _model.Parts.Count - 1, targets, finished);
        if (_pooling is not null) dx = _pooling.Backward(_rows, dx);
        for (var index = _layers.Length - 1; index >= 0; index--)
        {
            dx = _layers[index].Backward(weights[_model.FirstOfBody + index], _pass, dx);
            Reduce(_layers[index], _model.FirstOfBody + index, targets, finished);
        }

        _input.Backward(weights, _pass, dx);
        for (var index = _inputGradients.Length - 1; index >= 0; index--)
        {
            var (part, source, rows) = _inputGradients[index];
            _reduction.Reduce(source, _model.Ranges[part], (rows ?? _rows).Shards, targets, GradientPrecision, finished);
        }
    }

    private protected override LayerRun? RunOf(Layer wanted)
    {
        _stage.RequireBatch();
        foreach (var layer in _layers)
            if (layer.RunOf(wanted) is { } run)
                return run;
        return _input.RunOf(wanted);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (var layer in _layers) layer.Dispose();
        _input.Dispose();
        _pooling?.Dispose();
        _output.Dispose();
        _reduction.Dispose();
        _rows.Dispose();
    }

    void MakeRoom(BatchShape shape, bool training)
    {
        _rows.Reserve(shape.Rows);
        _input.Reserve(shape, training);
        foreach (var layer in _layers) layer.Reserve(shape, training);
        _pooling?.Reserve(shape, training);
        _output.Reserve(LossShapeOf(shape), training);
    }

    BatchShape LossShapeOf(BatchShape shape) => _pooling is null ? shape : shape with { Steps = 1 };

    void Reduce(IShardGradient source, int part, ReadOnlySpan<GradientTarget> targets, Action<ParameterRange>? finished) =>
        _reduction.Reduce(source, _model.Ranges[part], _rows.Shards, targets, GradientPrecision, finished);
}
