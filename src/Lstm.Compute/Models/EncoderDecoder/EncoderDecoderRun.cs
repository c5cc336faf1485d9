namespace LstmCluster.Compute;

/// <summary>Runs batches of sequence pairs through an <see cref="EncoderDecoder"/> on one device.</summary>
/// <remarks>
/// The decoder runs over all steps at once when nothing is fed back, else step by step; both have the same bits. Nothing comes back to the host within a pass.
/// </remarks>
public sealed class EncoderDecoderRun : ModelRun
{
    readonly EncoderDecoder _model;
    readonly EncoderRun _encoder;
    readonly BridgeRun _bridge;
    readonly DecoderRun _decoder;
    readonly OutputStage _output;
    readonly IShardGradient _targetGradient;
    readonly BatchRows _rows;
    readonly DecoderTokens _tokens;
    readonly GradientReduction _reduction;
    readonly RunStage _stage = new();
    readonly IDevice _device;
    float _samplingRate;
    Pass _pass;

    /// <summary>Prepares to run a model on a device.</summary>
    public EncoderDecoderRun(EncoderDecoder model, IDevice device)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(device);
        (_model, _device) = (model, device);
        _encoder = new EncoderRun(model, device);
        _bridge = new BridgeRun(model.Bridge, _encoder, device);
        _decoder = new DecoderRun(model, device);
        _output = new OutputStage(model.Head, model.Options.Loss, device);
        _targetGradient = _output.WithEmbedding(_decoder.Input);
        _rows = new BatchRows(device);
        _tokens = new DecoderTokens(model, device);
        _reduction = new GradientReduction(device);
        _samplingRate = model.Options.Sampling?.Rate ?? 0;
    }

    /// <summary>
    /// Probability with which the decoder sees its own best class in training, from 0 to 1; at first that of the model's <see cref="ScheduledSampling"/>. To be raised from step to
    /// step, by all workers alike.
    /// </summary>
    /// <exception cref="InvalidOperationException">The model was made without scheduled sampling.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not in 0..1.</exception>
    public float SamplingRate
    {
        get => _samplingRate;
        set
        {
            if (_model.Options.Sampling is null) throw new InvalidOperationException("the model was made without scheduled sampling");
            _samplingRate = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "must be from 0 to 1");
        }
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

    /// <summary>True to run the decoder step by step also where nothing is fed back.</summary>
    internal bool StepByStep { get; set; }

    /// <summary>The attention weights of the last forward, [U,N,S]: how each step looked at its source; zero beyond a source's length.</summary>
    /// <param name="weights">[U,N,S].</param>
    /// <exception cref="InvalidOperationException">The model has no attention, or nothing was run.</exception>
    /// <exception cref="ArgumentException">There is no room for exactly these weights.</exception>
    public void ReadAttention(Span<float> weights)
    {
        _stage.RequireForward();
        var attention = _decoder.Attention ?? throw new InvalidOperationException("the model has no attention");
        RunChecks.RequireLength(weights.Length, attention.Weights.Length, nameof(weights));
        _device.Read(attention.Weights, weights);
    }

    /// <inheritdoc/>
    public override void Load(in Batch batch)
    {
        var targets = new BatchShape(batch.TargetSteps, batch.Shape.Rows);
        _stage.Clear();
        if (targets.Steps < 1) throw new ArgumentException("an encoder-decoder needs at least one target step", nameof(batch));
        _rows.Load(batch.Shape, batch.Shards, batch.Lengths);
        MakeRoom(batch.Shape, targets, training: false);
        _encoder.Load(batch, _rows);
        _output.Load(targets, batch, lengths: []);
        _tokens.Load(targets, batch.Classes);
        _stage.Loaded();
    }

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
        MakeRoom(shape, new BatchShape(targetSteps, shape.Rows), training);
    }

    /// <summary>Does nothing: each pair of sequences starts afresh.</summary>
    public override void WriteState(int row, ReadOnlySpan<float> state) => _stage.RequireBatch();

    /// <summary>Does nothing: there is no state to carry.</summary>
    public override void ReadState(int row, Span<float> state) => _stage.RequireForward();

    /// <inheritdoc/>
    /// <remarks>Nothing is carried from batch to batch.</remarks>
    public override void WriteStates(RowRange rows, ReadOnlySpan<float> states) => _stage.RequireBatch();

    /// <inheritdoc/>
    public override void ReadStates(RowRange rows, Span<float> states) => _stage.RequireForward();

    /// <inheritdoc/>
    public override void Forward(ModelWeights weights, bool training, ulong maskKey = 0)
    {
        RunChecks.RequireWeights(weights, training);
        _stage.GoForward();
        if (training) MakeRoom(_rows.Shape, _output.Shape, training);
        _pass = _rows.Pass(training, maskKey);
        var memory = _encoder.Forward(weights, _pass);
        _bridge.Forward(weights[_model.BridgeIndex], _rows.Shape.Rows);
        _decoder.Attention?.BeginSource(weights[_model.AttentionIndex], _pass.Shape, memory, _pass.Lengths);
        _tokens.Write(_decoder.Input.Tokens);
        _decoder.Begin(_pass with { Shape = _output.Shape, Lengths = null });
        _decoder.Start(_bridge);
        _output.Begin(_decoder.Output);
        var sampled = _tokens.AreTargets ? (training ? _samplingRate : 0f) : 1f;
        if (sampled > 0) ForwardSampled(weights, sampled);
        else ForwardTaught(weights);
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
        _decoder.BeginBackward(_output.Backward(_model.HeadWeights(weights)));
        Reduce(_output, _model.HeadIndex, targets, finished);
        var windowed = IsStepwise ? 1 : _output.Shape.Steps;
        for (var first = _output.Shape.Steps - windowed; first >= 0; first -= windowed) _decoder.BackwardSteps(weights, new TimeWindow(first, windowed));
        var dMemory = _decoder.EndBackward(weights);
        if (_decoder.Attention is { } attention) Reduce(attention, _model.AttentionIndex, targets, finished);
        for (var index = _decoder.Layers.Length - 1; index >= 0; index--) Reduce(_decoder.Layers[index], _model.FirstDecoderIndex + index, targets, finished);
        Reduce(_targetGradient, _model.TargetIndex, targets, finished);
        _encoder.ClearFinalGradients(_pass.Shape.Rows);
        _bridge.Backward(weights[_model.BridgeIndex], _decoder.Recurrent);
        Reduce(_bridge, _model.BridgeIndex, targets, finished);
        BackwardEncoder(weights, dMemory.IsEmpty ? _encoder.NoGradient(_pass.Shape) : dMemory, targets, finished);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _encoder.Dispose();
        _bridge.Dispose();
        _decoder.Dispose();
        _output.Dispose();
        _rows.Dispose();
        _reduction.Dispose();
    }

    private protected override LayerRun? RunOf(Layer wanted)
    {
        _stage.RequireForward();
        return _encoder.RunOf(wanted) ?? _decoder.RunOf(wanted);
    }

    void MakeRoom(BatchShape source, BatchShape targets, bool training)
    {
        _rows.Reserve(source.Rows);
        _encoder.Reserve(source, training);
        _bridge.Reserve(source.Rows, training);
        _decoder.Reserve(source, targets, training);
        _output.Reserve(targets, training);
        _tokens.Reserve(targets.Positions);
    }

    bool IsStepwise => _model.Options.InputFeeding || StepByStep;

    /// <summary>The decoder sees the right classes, and the head all steps at once.</summary>
    void ForwardTaught(ModelWeights weights)
    {
        var windowed = IsStepwise ? 1 : _output.Shape.Steps;
        for (var first = 0; first < _output.Shape.Steps; first += windowed) _decoder.ForwardSteps(weights, new TimeWindow(first, windowed));
        _output.ForwardSteps(_model.HeadWeights(weights), 0, _output.Shape.Steps);
    }

    /// <summary>The decoder sees its own best class, at each step with some probability.</summary>
    void ForwardSampled(ModelWeights weights, float rate)
    {
        var mask = new DropoutMask(rate, _pass.MaskKey, _model.Options.Sampling?.Stream ?? 0);
        var (steps, rows) = (_output.Shape.Steps, _output.Shape.Rows);
        for (var step = 0; step < steps; step++)
        {
            _decoder.ForwardSteps(weights, new TimeWindow(step, 1));
            var scores = _output.ForwardSteps(_model.HeadWeights(weights), step, 1);
            if (step + 1 < steps) _device.ReplaceTokens(mask, _pass.RowKeys, scores, _model.Classes, step + 1, rows, _decoder.Input.Tokens);
        }
    }

    void BackwardEncoder(ModelWeights weights, DeviceSpan dy, ReadOnlySpan<GradientTarget> targets, Action<ParameterRange>? finished)
    {
        for (var index = _encoder.Layers.Length - 1; index >= 0; index--)
        {
            dy = _encoder.Backward(index, weights, _pass, dy);
            Reduce(_encoder.Layers[index], _model.FirstEncoderIndex + index, targets, finished);
        }

        _encoder.BackwardInput(weights, _pass, dy);
        if (_encoder.Embedding is { } embedding) Reduce(embedding, 0, targets, finished);
    }

    void Reduce(IShardGradient source, int part, ReadOnlySpan<GradientTarget> targets, Action<ParameterRange>? finished) =>
        _reduction.Reduce(source, _model.Ranges[part], _rows.Shards, targets, GradientPrecision, finished);
}
