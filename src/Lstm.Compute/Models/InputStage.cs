namespace LstmCluster.Compute;

/// <summary>The beginning of a model on a device: from a batch's tokens or features to the first layer's input.</summary>
abstract class InputStage : IDisposable
{
    /// <summary>Tokens through an embedding, with or without their characters, or features as they are.</summary>
    /// <param name="embedding">The embedding, the first part of the model; null for features.</param>
    /// <param name="features">D of features.</param>
    /// <param name="tokens">How tokens are read.</param>
    /// <param name="device">Where.</param>
    public static InputStage Create(Embedding? embedding, int features, TokenOptions tokens, IDevice device) =>
        embedding is null ? new FeatureInput(features, device)
        : tokens.Characters is { } characters ? new WordInput(embedding, tokens, characters, device)
        : new TokenInput(embedding, tokens.Dropout, device);

    /// <summary>The gradients of the parts that it runs, which are there after <see cref="Backward"/>; empty for features.</summary>
    public virtual IReadOnlyList<InputGradient> Gradients => [];

    /// <summary>Makes room for a batch of this extent.</summary>
    public abstract void Reserve(BatchShape shape, bool training);

    /// <summary>Takes in the inputs of a batch whose rows were taken in. Call after <see cref="Reserve"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A token lies outside of the vocabulary.</exception>
    /// <exception cref="ArgumentException">The inputs do not fill the batch, or are those of another kind of model.</exception>
    public abstract void Load(in Batch batch, BatchRows rows);

    /// <summary>The first layer's input.</summary>
    /// <param name="weights">The model's.</param>
    /// <param name="pass">What the batch has in common.</param>
    /// <returns>[T,N,D].</returns>
    public abstract DeviceSpan Forward(ModelWeights weights, in Pass pass);

    /// <summary>Takes the gradient of what <see cref="Forward"/> gave; it must stay until the gradients of all shards were taken.</summary>
    public abstract void Backward(ModelWeights weights, in Pass pass, DeviceSpan dx);

    /// <summary>Finds what runs a layer; null where the beginning of the model does not have it.</summary>
    public virtual LayerRun? RunOf(Layer wanted) => null;

    public abstract void Dispose();
}

/// <summary>A gradient that the beginning of a model has.</summary>
/// <param name="Part">Index of the part among the model's.</param>
/// <param name="Source">Its gradient.</param>
/// <param name="Rows">The rows that the gradient is summed over for each shard; null for those of the batch.</param>
readonly record struct InputGradient(int Part, IShardGradient Source, BatchRows? Rows = null);

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
        if (!batch.Tokens.IsEmpty || !batch.Characters.IsEmpty) throw new ArgumentException("the model takes features, not tokens", nameof(batch));
        if (values.Length != (long)shape.Positions * features)
        {
            throw new ArgumentException(
                $"{values.Length} numbers do not fill a batch of {shape.Steps} steps, {shape.Rows} rows and {features} features", nameof(batch));
        }

        if (!rows.Lengths.IsEmpty) values = Padding.Replaced(values, features, shape, rows.Lengths, 0f, ref _stage);
        device.Write(_x.Span(values.Length), values);
    }

    public override DeviceSpan Forward(ModelWeights weights, in Pass pass) => _x.Span(pass.Shape.Positions * features);

    public override void Backward(ModelWeights weights, in Pass pass, DeviceSpan dx)
    {
    }

    public override void Dispose() => _x.Dispose();
}
