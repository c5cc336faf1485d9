namespace LstmCluster.Compute;

/// <summary>An attention on a device, over windows of decoder time.</summary>
/// <remarks>
/// Several beams may look at one source: decoder rows then stand beam by beam, beams times the source's rows, and the kernel takes beams as further steps, so that
/// keys and values are not copied for each beam.
/// </remarks>
sealed class AttentionRun(Attention part, IDevice device) : IShardGradient, IDisposable
{
    readonly StepTensor _keys = new(device, part.ProjectsKeys ? part.Units : 0), _queries = new(device, part.ProjectsQueries ? part.Units : 0);
    readonly StepTensor _context = new(device, part.MemorySize), _joined = new(device, part.JoinedSize), _output = new(device, part.OutputSize);
    readonly GrowingBuffer _weights = new(device);

    readonly StepTensor _dKeys = new(device, part.Units), _dMemory = new(device, part.MemorySize), _dScore = new(device, part.ProjectsQueries ? part.Units : 0);
    readonly StepTensor _dContext = new(device, part.MemorySize), _dJoined = new(device, part.JoinedSize), _dQueries = new(device, part.Units);
    BatchShape _source, _shape;
    DeviceIndices? _lengths;
    DeviceSpan _memory, _query, _dOutput;

    bool IShardGradient.CanAccumulate => true;

    /// <summary>The attentional vectors, [U,N,outputs]: the steps that were run.</summary>
    public DeviceSpan Output => _output.Steps(1, _shape.Steps, _shape.Rows);

    /// <summary>The attentional vectors of the step before the first, [N,outputs]: what is fed to the first step.</summary>
    public DeviceSpan Initial => _output.Steps(0, 1, _shape.Rows);

    /// <summary>The attentional vectors of the steps before those of a window, [count,N,outputs].</summary>
    public DeviceSpan Before(TimeWindow window) => Of(_output, window);

    /// <summary>The attentional vectors of the last step, [N,outputs].</summary>
    public DeviceSpan Final => _output.Steps(_shape.Steps, 1, _shape.Rows);

    /// <summary>The weights, [U,N,S]: the steps that were run.</summary>
    public DeviceSpan Weights => WeightsOf(new TimeWindow(0, _shape.Steps));

    /// <summary>Makes room.</summary>
    /// <param name="source">S, and N of the sources.</param>
    /// <param name="shape">U, and N of the decoder.</param>
    /// <param name="training">True when a backward pass follows.</param>
    public void Reserve(BatchShape source, BatchShape shape, bool training)
    {
        _keys.Reserve(source.Steps, source.Rows);
        foreach (var tensor in (ReadOnlySpan<StepTensor>)[_queries, _context, _joined]) tensor.Reserve(shape.Steps, shape.Rows);
        _output.Reserve(shape.Steps + 1, shape.Rows);
        _weights.Reserve((long)shape.Positions * source.Steps);
        if (!training) return;
        _dKeys.Reserve(source.Steps, source.Rows);
        _dMemory.Reserve(source.Steps, source.Rows);
        _dScore.Reserve(1, source.Rows);
        foreach (var tensor in (ReadOnlySpan<StepTensor>)[_dContext, _dJoined, _dQueries]) tensor.Reserve(shape.Steps, shape.Rows);
    }

    /// <summary>Takes in the sources.</summary>
    /// <param name="weights">Of the attention.</param>
    /// <param name="shape">S and N.</param>
    /// <param name="memory">Encoder outputs, [S,N,M]; they must stay until the backward pass is over.</param>
    /// <param name="lengths">[N], source steps of each row; null when all have S.</param>
    public void BeginSource(LayerWeights weights, BatchShape shape, DeviceSpan memory, DeviceIndices? lengths)
    {
        (_source, _memory, _lengths) = (shape, memory, lengths);
        if (part.ProjectsKeys) device.Multiply(memory, shape.Positions, ((AttentionWeights)weights).Key.Forward, Keys, bias: default, accumulate: false);
    }

    /// <summary>Begins a forward pass.</summary>
    /// <param name="shape">U and N of the decoder; N is that of the sources, or a multiple for several beams.</param>
    /// <param name="query">Decoder outputs, [U,N,Q]; a window's part must be there when the window is run.</param>
    public void Begin(BatchShape shape, DeviceSpan query) => (_shape, _query) = (shape, query);

    /// <summary>Forward over a window.</summary>
    public void ForwardSteps(LayerWeights weights, TimeWindow window)
    {
        var w = (AttentionWeights)weights;
        var positions = window.Count * _shape.Rows;
        var query = QueryOf(window);
        if (part.ProjectsQueries) device.Multiply(query, positions, w.Query.Forward, Of(_queries, window), bias: default, accumulate: false);
        device.AttentionForward(ShapeOf(window), OperandsOf(w, window));
        var joined = Of(_joined, window);
        device.CopyColumns(positions, part.MemorySize, Of(_context, window), part.MemorySize, 0, joined, part.JoinedSize, 0, add: false);
        device.CopyColumns(positions, part.QuerySize, query, part.QuerySize, 0, joined, part.JoinedSize, part.MemorySize, add: false);
        var output = OutputOf(window);
        device.Multiply(joined, positions, w.Output.Forward, output, bias: default, accumulate: false);
        device.Tanh(output, output);
    }

    /// <summary>Begins the backward pass.</summary>
    /// <param name="dOutput">Gradient of <see cref="Output"/>, [U,N,outputs]; a window's part must be there when the window goes backward. Overwritten, and then kept.</param>
    public void BeginBackward(DeviceSpan dOutput)
    {
        _dOutput = dOutput;
        device.Fill(DKeys, 0f);
        device.Fill(DMemory, 0f);
        if (part.ProjectsQueries) device.Fill(DScore, 0f);
    }

    /// <summary>Backward over a window; windows come last to first.</summary>
    /// <param name="weights">The same weights.</param>
    /// <param name="window">The window.</param>
    /// <param name="dQuery">Receives the gradient of the window's decoder outputs, [count,N,Q].</param>
    public void BackwardSteps(LayerWeights weights, TimeWindow window, DeviceSpan dQuery)
    {
        var w = (AttentionWeights)weights;
        var positions = window.Count * _shape.Rows;
        var dOutput = _dOutput.Slice(window.First * _shape.Rows * part.OutputSize, positions * part.OutputSize);
        var (dJoined, dContext, dQueries) = (Of(_dJoined, window), Of(_dContext, window), Of(_dQueries, window));
        device.TanhGradient(OutputOf(window), dOutput);
        device.Multiply(dOutput, positions, w.Output.Backward!, dJoined, bias: default, accumulate: false);
        device.CopyColumns(positions, part.MemorySize, dJoined, part.JoinedSize, 0, dContext, part.MemorySize, 0, add: false);
        device.CopyColumns(positions, part.QuerySize, dJoined, part.JoinedSize, part.MemorySize, dQuery, part.QuerySize, 0, add: false);
        device.AttentionBackward(ShapeOf(window), OperandsOf(w, window), new AttentionGradients(dContext, dQueries, DKeys, DMemory) { ScoreVector = DScore });
        if (part.ProjectsQueries) device.Multiply(dQueries, positions, w.Query.Backward!, dQuery, bias: default, accumulate: true);
        else device.Add(dQuery, dQueries);
    }

    /// <summary>Ends the backward pass, after the last window.</summary>
    /// <returns>Gradient of the encoder outputs, [S,N,M].</returns>
    public DeviceSpan EndBackward(LayerWeights weights)
    {
        if (part.ProjectsKeys) device.Multiply(DKeys, _source.Positions, ((AttentionWeights)weights).Key.Backward!, DMemory, bias: default, accumulate: true);
        else device.Add(DMemory, DKeys);
        return DMemory;
    }

    /// <inheritdoc/>
    public void ShardGradient(RowRange rows, DeviceSpan gradient, bool accumulate)
    {
        var views = part.Views(gradient);
        if (part.ProjectsQueries)
        {
            device.LinearGradient(_shape, rows, _dQueries.Steps(0, _shape.Steps, _shape.Rows), part.Units, _query, part.QuerySize, views.Query, default, accumulate);
            device.LinearGradient(new(1, _shape.Rows), rows, DScore, part.Units, default, 0, default, views.Score, accumulate);
        }

        if (part.ProjectsKeys) device.LinearGradient(_source, rows, DKeys, part.Units, _memory, part.MemorySize, views.Key, default, accumulate);
        var joined = _joined.Steps(0, _shape.Steps, _shape.Rows);
        device.LinearGradient(_shape, rows, _dOutput, part.OutputSize, joined, part.JoinedSize, views.Output, default, accumulate);
    }

    public void Dispose()
    {
        foreach (var tensor in (ReadOnlySpan<StepTensor>)[_keys, _queries, _context, _joined, _output, _dKeys, _dMemory, _dScore, _dContext, _dJoined, _dQueries])
            tensor.Dispose();
        _weights.Dispose();
    }

    DeviceSpan Keys => _keys.Steps(0, _source.Steps, _source.Rows);

    DeviceSpan DKeys => _dKeys.Steps(0, _source.Steps, _source.Rows);

    DeviceSpan DMemory => _dMemory.Steps(0, _source.Steps, _source.Rows);

    DeviceSpan DScore => _dScore.Steps(0, 1, _source.Rows);

    AttentionShape ShapeOf(TimeWindow window) => new(window.Count * (_shape.Rows / _source.Rows), _source.Rows, _source.Steps, part.Units, part.MemorySize)
    {
        Score = part.Kind == AttentionKind.Additive ? AttentionScore.Additive : AttentionScore.Dot,
    };

    AttentionOperands OperandsOf(AttentionWeights weights, TimeWindow window) => new(
        part.ProjectsQueries ? Of(_queries, window) : QueryOf(window), part.ProjectsKeys ? Keys : _memory, _memory, WeightsOf(window), Of(_context, window))
    {
        SourceLengths = _lengths,
        ScoreVector = weights.Score,
    };

    DeviceSpan Of(StepTensor tensor, TimeWindow window) => tensor.Steps(window.First, window.Count, _shape.Rows);

    DeviceSpan OutputOf(TimeWindow window) => _output.Steps(window.First + 1, window.Count, _shape.Rows);

    DeviceSpan QueryOf(TimeWindow window) => _query.Slice(window.First * _shape.Rows * part.QuerySize, window.Count * _shape.Rows * part.QuerySize);

    DeviceSpan WeightsOf(TimeWindow window)
    {
        var width = _shape.Rows * _source.Steps;
        return _weights.Span(_shape.Steps * width).Slice(window.First * width, window.Count * width);
    }
}
