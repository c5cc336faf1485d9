namespace LstmCluster.Compute;

/// <summary>The decoder on a device, without its head: from tokens to what the head takes, over windows of time, and back.</summary>
sealed class DecoderRun : IDisposable
{
    readonly EncoderDecoder _model;
    readonly IDevice _device;
    readonly IWindowedRun[] _layers;
    readonly AttentionRun? _attention;
    readonly int _querySize, _fed;
    readonly GrowingBuffer _dQuery;
    BatchShape _shape;
    DeviceSpan _dOutput;

    public DecoderRun(EncoderDecoder model, IDevice device)
    {
        (_model, _device) = (model, device);
        var runs = model.Decoder.Select(layer => layer.CreateRun(device)).ToList();
        _layers = [.. runs.Cast<IWindowedRun>()];
        Layers = [.. runs];
        Recurrent = [.. runs.OfType<RecurrentRun>()];
        _attention = model.Options.Attention is { } attention ? new AttentionRun(attention, device) : null;
        _fed = model.Options.InputFeeding ? model.Options.Attention!.OutputSize : 0;
        _querySize = model.Decoder[^1].OutputSize;
        Input = new DecoderInput(model.Target, _fed, device);
        _dQuery = new GrowingBuffer(device);
    }

    /// <summary>Tokens and what is fed back.</summary>
    public DecoderInput Input { get; }

    /// <summary>The layers, for their gradients.</summary>
    public LayerRun[] Layers { get; }

    /// <summary>Those of them that are recurrent.</summary>
    public RecurrentRun[] Recurrent { get; }

    /// <summary>The attention; null for none.</summary>
    public AttentionRun? Attention => _attention;

    /// <summary>What the head takes, [U,N,·]: the steps that were run.</summary>
    public DeviceSpan Output => _attention?.Output ?? _layers[^1].Output;

    /// <summary>Makes room.</summary>
    /// <param name="source">S and N of the sources.</param>
    /// <param name="shape">U and N of the decoder.</param>
    /// <param name="training">True when a backward pass follows.</param>
    public void Reserve(BatchShape source, BatchShape shape, bool training)
    {
        Input.Reserve(shape, training);
        foreach (var layer in Layers) layer.Reserve(shape, training);
        _attention?.Reserve(source, shape, training);
        if (training && _attention is not null) _dQuery.Reserve((long)shape.Positions * _querySize);
    }

    /// <summary>Begins a forward pass. What every layer starts from, and what is fed to the first step, is to be written before the first window.</summary>
    public void Begin(in Pass pass)
    {
        _shape = pass.Shape;
        Input.Begin(_shape);
        var x = Input.Output;
        foreach (var layer in _layers)
        {
            layer.Begin(pass, x);
            x = layer.Output;
        }

        _attention?.Begin(_shape, x);
    }

    /// <summary>Starts every layer from the bridge, and feeds nothing to the first step.</summary>
    public void Start(BridgeRun bridge)
    {
        for (var index = 0; index < Recurrent.Length; index++)
        {
            var (start, initial) = (bridge.Start(index), Recurrent[index].Initial);
            _device.Copy(start.Hidden, initial.Hidden);
            if (!initial.Cell.IsEmpty) _device.Copy(start.Cell, initial.Cell);
        }

        if (_fed > 0) _device.Fill(_attention!.Initial, 0f);
    }

    /// <summary>Forward over the window that comes next.</summary>
    public void ForwardSteps(ModelWeights weights, TimeWindow window)
    {
        Input.ForwardSteps(weights[_model.TargetIndex], window, _fed > 0 ? _attention!.Before(window) : default);
        for (var index = 0; index < _layers.Length; index++) _layers[index].ForwardSteps(weights[_model.FirstDecoderIndex + index], window);
        _attention?.ForwardSteps(weights[_model.AttentionIndex], window);
    }

    /// <summary>Begins the backward pass.</summary>
    /// <param name="dOutput">Gradient of <see cref="Output"/>. Overwritten.</param>
    public void BeginBackward(DeviceSpan dOutput)
    {
        _dOutput = dOutput;
        _attention?.BeginBackward(dOutput);
        var dy = DQuery;
        for (var index = _layers.Length - 1; index >= 0; index--)
        {
            _layers[index].BeginBackward(dy);
            dy = _layers[index].InputGradient;
        }
    }

    /// <summary>Backward over the window that comes next, from the last to the first.</summary>
    public void BackwardSteps(ModelWeights weights, TimeWindow window)
    {
        if (_fed > 0 && window.End < _shape.Steps)
            Input.AddFedGradient(_layers[0].InputGradient, window.End, Part(_dOutput, new(window.End - 1, 1), _fed));
        _attention?.BackwardSteps(weights[_model.AttentionIndex], window, Part(DQuery, window, _querySize));
        for (var index = _layers.Length - 1; index >= 0; index--) _layers[index].BackwardSteps(weights[_model.FirstDecoderIndex + index], window);
    }

    /// <summary>Ends the backward pass, after the first window.</summary>
    /// <returns>Gradient of the encoder outputs, [S,N,M]; empty without attention.</returns>
    public DeviceSpan EndBackward(ModelWeights weights)
    {
        Input.Backward(_layers[0].InputGradient);
        return _attention?.EndBackward(weights[_model.AttentionIndex]) ?? default;
    }

    /// <summary>What runs a layer; null for another model's.</summary>
    public LayerRun? RunOf(Layer wanted)
    {
        foreach (var layer in Layers)
            if (layer.RunOf(wanted) is { } run)
                return run;
        return null;
    }

    public void Dispose()
    {
        Input.Dispose();
        foreach (var layer in Layers) layer.Dispose();
        _attention?.Dispose();
        _dQuery.Dispose();
    }

    // Without attention the last layer's output goes to the head as it is.
    DeviceSpan DQuery => _attention is null ? _dOutput : _dQuery.Span(_shape.Positions * _querySize);

    DeviceSpan Part(DeviceSpan tensor, TimeWindow window, int width) => tensor.Slice(window.First * _shape.Rows * width, window.Count * _shape.Rows * width);
}
