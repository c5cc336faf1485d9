namespace LstmCluster.Compute;

/// <summary>What the first layer of a decoder takes: the vectors of the tokens, and beside them what is fed back.</summary>
/// <param name="embedding">From tokens to vectors.</param>
/// <param name="fed">Features that are fed back; 0 for none.</param>
/// <param name="device">Where.</param>
sealed class DecoderInput(Embedding embedding, int fed, IDevice device) : IShardGradient, IDisposable
{
    readonly GrowingIndices _tokens = new(device);
    readonly StepTensor _vectors = new(device, embedding.Width), _joined = new(device, fed > 0 ? embedding.Width + fed : 0);
    readonly StepTensor _dVectors = new(device, fed > 0 ? embedding.Width : 0);
    BatchShape _shape;
    DeviceSpan _dx;

    bool IShardGradient.CanAccumulate => false;

    /// <summary>[U,N].</summary>
    public DeviceIndices Tokens => _tokens.Value;

    /// <summary>[U,N,E + fed].</summary>
    public DeviceSpan Output => Whole(fed > 0 ? _joined : _vectors);

    int Width => embedding.Width + fed;

    public void Reserve(BatchShape shape, bool training)
    {
        _tokens.Reserve(shape.Positions);
        _vectors.Reserve(shape.Steps, shape.Rows);
        _joined.Reserve(shape.Steps, shape.Rows);
        if (training) _dVectors.Reserve(shape.Steps, shape.Rows);
    }

    /// <summary>Begins a forward pass.</summary>
    public void Begin(BatchShape shape) => _shape = shape;

    /// <summary>Forward over a window.</summary>
    /// <param name="weights">Of the embedding.</param>
    /// <param name="window">The window.</param>
    /// <param name="before">What is fed back: [count,N,fed], of the steps before; empty for none.</param>
    public void ForwardSteps(LayerWeights weights, TimeWindow window, DeviceSpan before)
    {
        var positions = window.Count * _shape.Rows;
        var vectors = _vectors.Steps(window.First, window.Count, _shape.Rows);
        device.EmbeddingForward(((EmbeddingWeights)weights).Table, embedding.Width, Tokens, window.First * _shape.Rows, positions, vectors);
        if (fed == 0) return;
        var joined = _joined.Steps(window.First, window.Count, _shape.Rows);
        device.CopyColumns(positions, embedding.Width, vectors, embedding.Width, 0, joined, Width, 0, add: false);
        device.CopyColumns(positions, fed, before, fed, 0, joined, Width, embedding.Width, add: false);
    }

    /// <summary>Adds the gradient of what was fed to a step to that of what the step before gave.</summary>
    /// <param name="dx">Gradient of <see cref="Output"/>, of which the step's part is there.</param>
    /// <param name="step">The step, from 1.</param>
    /// <param name="dBefore">[N,fed], of the step before.</param>
    public void AddFedGradient(DeviceSpan dx, int step, DeviceSpan dBefore)
    {
        var ofStep = dx.Slice(step * _shape.Rows * Width, _shape.Rows * Width);
        device.CopyColumns(_shape.Rows, fed, ofStep, Width, embedding.Width, dBefore, fed, 0, add: true);
    }

    /// <summary>Backward over all steps.</summary>
    /// <param name="dx">Gradient of <see cref="Output"/>; it must stay until the gradients of all shards were taken.</param>
    public void Backward(DeviceSpan dx)
    {
        _dx = dx;
        if (fed == 0) return;
        _dx = Whole(_dVectors);
        device.CopyColumns(_shape.Positions, embedding.Width, dx, Width, 0, _dx, embedding.Width, 0, add: false);
    }

    /// <inheritdoc/>
    public void ShardGradient(RowRange rows, DeviceSpan gradient, bool accumulate)
    {
        if (accumulate) throw new NotSupportedException("a scattered gradient is computed apart and then added");
        device.EmbeddingGradient(_shape, rows, embedding.Width, Tokens, _dx, gradient);
    }

    public void Dispose()
    {
        _tokens.Dispose();
        _vectors.Dispose();
        _joined.Dispose();
        _dVectors.Dispose();
    }

    DeviceSpan Whole(StepTensor tensor) => tensor.Steps(0, _shape.Steps, _shape.Rows);
}
