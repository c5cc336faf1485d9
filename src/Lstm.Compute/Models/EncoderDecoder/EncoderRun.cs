namespace LstmCluster.Compute;

/// <summary>One direction of a recurrent layer of an encoder: where its final state is, and where the gradient of that state is collected.</summary>
sealed class EncoderState(RecurrentLayer layer, RecurrentRun run, IDevice device) : IDisposable
{
    readonly StepTensor _dHidden = new(device, layer.OutputSize), _dCell = new(device, layer.CellSize);

    public RecurrentLayer Layer => layer;

    public RecurrentRun Run => run;

    /// <summary>Gradient of the final state: cleared by <see cref="Clear"/>, added to by the bridge, read by the layer's backward pass.</summary>
    public RecurrentState FinalGradient { get; private set; }

    public void Reserve(int rows)
    {
        _dHidden.Reserve(1, rows);
        _dCell.Reserve(1, rows);
    }

    public void Clear(int rows)
    {
        FinalGradient = new(_dHidden.Steps(0, 1, rows), _dCell.Steps(0, 1, rows));
        device.Fill(FinalGradient.Hidden, 0f);
        if (layer.CellSize > 0) device.Fill(FinalGradient.Cell, 0f);
        run.StateGradient = FinalGradient;
    }

    public void Dispose()
    {
        _dHidden.Dispose();
        _dCell.Dispose();
    }
}

/// <summary>The encoder on a device: from a batch's source to outputs and final states, and back.</summary>
sealed class EncoderRun : IDisposable
{
    readonly EncoderDecoder _model;
    readonly IDevice _device;
    readonly InputStage _input;
    readonly LayerRun[] _layers;
    readonly StepTensor _noGradient;

    public EncoderRun(EncoderDecoder model, IDevice device)
    {
        (_model, _device) = (model, device);
        _input = InputStage.Create(model.Source, model.SourceFeatures, new TokenOptions(), device);
        Embedding = _input.Gradients is [{ Source: var embedding }, ..] ? embedding : null;
        _layers = [.. model.Encoder.Select(layer => layer.CreateRun(device))];
        _noGradient = new StepTensor(device, model.Encoder[^1].OutputSize);
        Levels = [.. model.Bridge.Levels.Select(directions => directions.Select(layer => new EncoderState(layer, (RecurrentRun)RunOf(layer)!, device)).ToArray())];
    }

    /// <summary>The recurrent layers, each with its directions, as <see cref="Bridge.Levels"/>.</summary>
    public EncoderState[][] Levels { get; }

    /// <summary>The layers, for their gradients.</summary>
    public ReadOnlySpan<LayerRun> Layers => _layers;

    /// <summary>The gradient of the embedding; null when there is none.</summary>
    public IShardGradient? Embedding { get; }

    /// <summary>Makes room.</summary>
    public void Reserve(BatchShape shape, bool training)
    {
        _input.Reserve(shape, training);
        foreach (var layer in _layers) layer.Reserve(shape, training);
        if (!training) return;
        if (_model.Options.Attention is null) _noGradient.Reserve(shape.Steps, shape.Rows);
        foreach (var level in Levels)
            foreach (var state in level)
                state.Reserve(shape.Rows);
    }

    /// <summary>Takes in the source of a batch whose rows were taken in.</summary>
    public void Load(in Batch batch, BatchRows rows)
    {
        _input.Load(batch, rows);
        foreach (var layer in _layers) layer.ResetState(rows.Shape);
    }

    /// <summary>Forward.</summary>
    /// <returns>The outputs, [S,N,M].</returns>
    public DeviceSpan Forward(ModelWeights weights, in Pass pass)
    {
        var x = _input.Forward(weights, pass);
        for (var index = 0; index < _layers.Length; index++) x = _layers[index].Forward(weights[_model.FirstEncoderIndex + index], pass, x);
        return x;
    }

    /// <summary>Clears the gradients of the final states, which the bridge then adds to.</summary>
    public void ClearFinalGradients(int rows)
    {
        foreach (var level in Levels)
            foreach (var state in level)
                state.Clear(rows);
    }

    /// <summary>Zeros where no attention gives the outputs a gradient, [S,N,M].</summary>
    public DeviceSpan NoGradient(BatchShape shape)
    {
        var gradient = _noGradient.Steps(0, shape.Steps, shape.Rows);
        _device.Fill(gradient, 0f);
        return gradient;
    }

    /// <summary>Backward through one layer.</summary>
    /// <returns>Gradient of its input.</returns>
    public DeviceSpan Backward(int layer, ModelWeights weights, in Pass pass, DeviceSpan dy) =>
        _layers[layer].Backward(weights[_model.FirstEncoderIndex + layer], pass, dy);

    /// <summary>Backward through the embedding, after all layers.</summary>
    public void BackwardInput(ModelWeights weights, in Pass pass, DeviceSpan dx) => _input.Backward(weights, pass, dx);

    /// <summary>What runs a layer, or a layer within a layer; null for another model's.</summary>
    public LayerRun? RunOf(Layer wanted)
    {
        foreach (var layer in _layers)
            if (layer.RunOf(wanted) is { } run)
                return run;
        return null;
    }

    public void Dispose()
    {
        _input.Dispose();
        foreach (var layer in _layers) layer.Dispose();
        foreach (var state in Levels.SelectMany(level => level)) state.Dispose();
        _noGradient.Dispose();
    }

}
