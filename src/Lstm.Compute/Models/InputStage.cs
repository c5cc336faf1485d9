namespace LstmCluster.Compute;

/// <summary>The beginning of a model on a device: from a batch's tokens or features to the first layer's input.</summary>
abstract class InputStage : IDisposable
{
    /// <summary>Tokens through an embedding, or features as they are.</summary>
    /// <param name="embedding">The embedding; null for features.</param>
    /// <param name="features">D of features.</param>
    /// <param name="device">Where.</param>
    public static InputStage Create(Embedding? embedding, int features, IDevice device) =>
        embedding is null ? new FeatureInput(features, device) : new TokenInput(embedding, device);

    /// <summary>The gradient of the embedding, after <see cref="Backward"/>; null when there is none.</summary>
    public virtual IShardGradient? Gradient => null;

    /// <summary>Makes room for a batch of this extent.</summary>
    public abstract void Reserve(BatchShape shape, bool training);

    /// <summary>Takes in the inputs of a batch whose rows were taken in. Call after <see cref="Reserve"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A token lies outside of the vocabulary.</exception>
    /// <exception cref="ArgumentException">The inputs do not fill the batch, or are those of another kind of model.</exception>
    public abstract void Load(in Batch batch, BatchRows rows);

    /// <summary>The first layer's input.</summary>
    /// <param name="weights">The embedding's; null for features.</param>
    /// <param name="pass">What the batch has in common.</param>
    /// <returns>[T,N,D].</returns>
    public abstract DeviceSpan Forward(LayerWeights? weights, in Pass pass);

    /// <summary>Takes the gradient of what <see cref="Forward"/> gave; it must stay until the gradients of all shards were taken.</summary>
    public abstract void Backward(in Pass pass, DeviceSpan dx);

    public abstract void Dispose();
}

/// <summary>[T,N] tokens through an embedding.</summary>
sealed class TokenInput(Embedding embedding, IDevice device) : InputStage
{
    readonly EmbeddingRun _run = new(embedding, device);
    readonly GrowingIndices _tokens = new(device);
    int[] _stage = [];

    public override IShardGradient Gradient => _run;

    public override void Reserve(BatchShape shape, bool training)
    {
        _tokens.Reserve(shape.Positions);
        _run.Reserve(shape, training);
    }

    public override void Load(in Batch batch, BatchRows rows)
    {
        var tokens = batch.Tokens;
        if (!batch.Features.IsEmpty) throw new ArgumentException("the model takes tokens, not features", nameof(batch));
        if (tokens.Length != rows.Shape.Positions)
            throw new ArgumentException($"{tokens.Length} tokens do not fill a batch of {rows.Shape.Steps} steps and {rows.Shape.Rows} rows", nameof(batch));
        if (!rows.Lengths.IsEmpty) tokens = Padding.Replaced(tokens, 1, rows.Shape, rows.Lengths, 0, ref _stage);
        if (tokens.ContainsAnyExceptInRange(0, embedding.Vocabulary - 1))
            throw new ArgumentOutOfRangeException(nameof(batch), $"a token must be in 0..{embedding.Vocabulary - 1}");
        device.Write(_tokens.Value, tokens);
    }

    public override DeviceSpan Forward(LayerWeights? weights, in Pass pass)
    {
        _run.Tokens = _tokens.Value;
        return _run.Forward(weights!, pass, x: default);
    }

    public override void Backward(in Pass pass, DeviceSpan dx) => _run.Backward(weights: null!, pass, dx);

    public override void Dispose()
    {
        _run.Dispose();
        _tokens.Dispose();
    }
}

/// <summary>[T,N,D] features as they are.</summary>
sealed class FeatureInput(int features, IDevice device) : InputStage
{
    readonly GrowingBuffer _x = new(device);
    float[] _stage = [];

    public override void Reserve(BatchShape shape, bool training) => _x.Reserve((long)shape.Positions * features);

    public override void Load(in Batch batch, BatchRows rows)
    {
        var values = batch.Features;
        var shape = rows.Shape;
        if (!batch.Tokens.IsEmpty) throw new ArgumentException("the model takes features, not tokens", nameof(batch));
        if (values.Length != (long)shape.Positions * features)
        {
            throw new ArgumentException(
                $"{values.Length} numbers do not fill a batch of {shape.Steps} steps, {shape.Rows} rows and {features} features", nameof(batch));
        }

        if (!rows.Lengths.IsEmpty) values = Padding.Replaced(values, features, shape, rows.Lengths, 0f, ref _stage);
        device.Write(_x.Span(values.Length), values);
    }

    public override DeviceSpan Forward(LayerWeights? weights, in Pass pass) => _x.Span(pass.Shape.Positions * features);

    public override void Backward(in Pass pass, DeviceSpan dx)
    {
    }

    public override void Dispose() => _x.Dispose();
}
