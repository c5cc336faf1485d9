namespace LstmCluster.Compute;

/// <summary>
/// A head whose kernel is the table of an embedding (Press and Wolf 2017; Inan, Khosravi and Socher 2017): <c>y = x E^T + b</c> with E [V,E] of the embedding and a bias
/// [V] of its own. It halves the parameters of a model of many tokens.
/// </summary>
/// <remarks>The model's parameters are then <c>embedding.weight</c>, which gets both gradients, and <c>head.bias</c>.</remarks>
/// <param name="embedding">The embedding of the same model.</param>
public sealed class TiedLinear(Embedding embedding) : ModelPart, IHead
{
    readonly Embedding _embedding = embedding ?? throw new ArgumentNullException(nameof(embedding));

    /// <summary>E, features of a token's vector.</summary>
    public int InputSize => _embedding.Width;

    /// <summary>V.</summary>
    public int OutputSize => _embedding.Vocabulary;

    Embedding? IHead.TiedTo => _embedding;

    ModelPart IHead.Part => this;

    /// <inheritdoc/>
    public override void Declare(ParameterLayout.Builder parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        parameters.Add("bias", new UniformInitializer(1 / Math.Sqrt(InputSize)), OutputSize);
    }

    /// <inheritdoc/>
    public override LayerWeights CreateWeights(IDevice device, bool training) => new TiedLinearWeights();

    AffineWeights IHead.WeightsOf(LayerWeights own, LayerWeights? embedding)
    {
        var table = ((TiedEmbeddingWeights)embedding!).Kernel;
        return new AffineWeights(table.Forward, table.Backward, ((TiedLinearWeights)own).Bias);
    }

    (DeviceSpan Kernel, DeviceSpan Bias) IHead.Views(DeviceSpan parameters) => (default, parameters);
}

sealed class TiedLinearWeights : LayerWeights
{
    public DeviceSpan Bias { get; private set; }

    public override void Load(DeviceSpan parameters) => Bias = parameters;

    protected override void Dispose(bool disposing)
    {
    }
}

/// <summary>An embedding whose table a head uses too, and which is therefore prepared for products as well. It stands in the place of the embedding among a model's parts.</summary>
sealed class TiedEmbedding(Embedding embedding) : ModelPart
{
    /// <summary>The part that stands for an embedding in a model with this head.</summary>
    public static ModelPart PartFor(Embedding embedding, IHead head) => head.TiedTo == embedding ? new TiedEmbedding(embedding) : embedding;

    public override void Declare(ParameterLayout.Builder parameters) => parameters.Declare(embedding);

    public override LayerWeights CreateWeights(IDevice device, bool training) => new TiedEmbeddingWeights(embedding, device, training);
}

sealed class TiedEmbeddingWeights(Embedding layer, IDevice device, bool training) : EmbeddingWeights
{
    /// <summary>The table as the kernel of the head.</summary>
    public PreparedPair Kernel { get; } = new(device, layer.Vocabulary, layer.Width, training);

    public override void Load(DeviceSpan parameters)
    {
        base.Load(parameters);
        Kernel.Load(parameters);
    }

    protected override void Dispose(bool disposing)
    {
        Kernel.Dispose();
        base.Dispose(disposing);
    }
}
