namespace LstmCluster.Compute;

/// <summary>A model over one sequence: tokens or features, layers, a linear head at every step or behind a pooling, a loss.</summary>
/// <remarks>
/// With an embedding it takes <see cref="Batch.Tokens"/>, without one <see cref="Batch.Features"/>. Without pooling it answers at every step (a language model, a
/// tagger, a forecast): loss positions are [T,N]. With pooling it answers once (a classifier, a regressor): loss positions are [1,N].
/// The description only: <see cref="ModelWeights"/> holds a weight version on a device, <see cref="SequenceRun"/> runs batches, and a <see cref="Network"/> is both.
/// </remarks>
public sealed class SequenceModel : Model
{
    /// <summary>A model of tokens.</summary>
    /// <param name="embedding">From tokens to vectors.</param>
    /// <param name="body">The layers between.</param>
    /// <param name="head">From the last layer to outputs: <see cref="Linear"/>, or <see cref="TiedLinear"/> of the same embedding.</param>
    /// <param name="pooling">How a sequence becomes one vector before the head; null to answer at every step.</param>
    /// <param name="loss">What training makes small; null for <see cref="CrossEntropy"/>.</param>
    /// <param name="tokens">How tokens are read beside their vectors; null for no more than these.</param>
    /// <exception cref="ArgumentException">A layer takes tokens or inputs of another size than the output before it, the head is tied to another embedding, or two masks are drawn from one stream.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The unknown token lies outside of the vocabulary.</exception>
    public SequenceModel(Embedding embedding, IReadOnlyList<Layer> body, IHead head, Pooling? pooling = null, Loss? loss = null, TokenOptions? tokens = null)
        : this(body, head, pooling, loss, embedding ?? throw new ArgumentNullException(nameof(embedding)), tokens ?? new TokenOptions())
    {
    }

    /// <summary>A model of features, as many as its first layer takes.</summary>
    /// <param name="body">The layers.</param>
    /// <param name="head">From the last layer to outputs.</param>
    /// <param name="pooling">How a sequence becomes one vector before the head; null to answer at every step.</param>
    /// <param name="loss">What training makes small; null for <see cref="CrossEntropy"/>.</param>
    /// <exception cref="ArgumentException">A layer takes tokens or inputs of another size than the output before it, the head is tied to an embedding, or two masks are drawn from one stream.</exception>
    public SequenceModel(IReadOnlyList<Layer> body, IHead head, Pooling? pooling = null, Loss? loss = null)
        : this(body, head, pooling, loss, embedding: null, new TokenOptions())
    {
    }

    SequenceModel(IReadOnlyList<Layer> body, IHead head, Pooling? pooling, Loss? loss, Embedding? embedding, TokenOptions tokens)
        : base(Named(embedding, tokens, body, head), tokens.Dropout is { Rate: > 0 } dropped ? dropped.Stream : null)
    {
        if (head.TiedTo is { } tied && tied != embedding)
            throw new ArgumentException("the head is tied to an embedding that is not the model's", nameof(head));
        if (pooling is { } kind && !Enum.IsDefined(kind))
            throw new ArgumentOutOfRangeException(nameof(pooling), kind, "is no pooling");
        if (tokens.Dropout is { Unknown: var unknown } && (uint)unknown >= (uint)embedding!.Vocabulary)
            throw new ArgumentOutOfRangeException(nameof(tokens), unknown, $"the unknown token must be in 0..{embedding.Vocabulary - 1}");
        Tokens = tokens;
        (Embedding, Body, Head, Pooling, Loss) = (embedding, [.. body], head, pooling, loss ?? new CrossEntropy());
        Features = body.Count > 0 ? body[0].InputSize : head.InputSize;
        StateSize = Body.Sum(layer => layer.StateSize);
        RequireSizes();
    }

    /// <summary>From tokens to vectors; null for a model of features.</summary>
    public Embedding? Embedding { get; }

    /// <summary>How tokens are read beside their vectors.</summary>
    public TokenOptions Tokens { get; }

    /// <summary>The layers between input and head.</summary>
    public IReadOnlyList<Layer> Body { get; }

    /// <summary>From the last layer to outputs.</summary>
    public IHead Head { get; }

    /// <summary>How a sequence becomes one vector before the head; null when the model answers at every step.</summary>
    public Pooling? Pooling { get; }

    /// <summary>What training makes small.</summary>
    public Loss Loss { get; }

    /// <inheritdoc/>
    public override int StateSize { get; }

    /// <summary>V, number of input tokens; 0 for a model of features.</summary>
    public int Vocabulary => Embedding?.Vocabulary ?? 0;

    /// <summary>D, features that enter the first layer: of the input, or of a token's vector and its characters.</summary>
    public int Features { get; }

    /// <inheritdoc/>
    public override int Outputs => Head.OutputSize;

    /// <summary>So many of the last features before the head run backwards in time.</summary>
    internal int BackwardFeatures => Body.LastOrDefault(layer => layer is not (Dropout or LayerNormalization))?.BackwardFeatures ?? 0;

    /// <summary>Index of the first layer of <see cref="Body"/> among the parts.</summary>
    internal int FirstOfBody => Parts.Count - Body.Count - 1;

    /// <summary>A language model: stacked LSTMs with dropout after each, predicting the next token.</summary>
    /// <param name="vocabulary">V.</param>
    /// <param name="embedding">E, features of a token's vector.</param>
    /// <param name="units">H of each LSTM.</param>
    /// <param name="dropout">Rate after each LSTM; 0 for none.</param>
    /// <param name="forgetBias">What the forget gates' biases start from.</param>
    public static SequenceModel LanguageModel(int vocabulary, int embedding, IReadOnlyList<int> units, float dropout = 0f, float forgetBias = 1f)
    {
        ArgumentNullException.ThrowIfNull(units);
        var body = new List<Layer>();
        var features = embedding;
        foreach (var size in units)
        {
            body.Add(new Lstm(features, size, forgetBias));
            if (dropout > 0) body.Add(new Dropout(size, dropout, (uint)body.Count));
            features = size;
        }

        return new SequenceModel(new Embedding(vocabulary, embedding), body, new Linear(features, vocabulary));
    }

    /// <inheritdoc/>
    public override ModelRun CreateRun(IDevice device) => new SequenceRun(this, device);

    /// <summary>The head's weights in a weight version.</summary>
    internal AffineWeights HeadOf(ModelWeights weights) => Head.WeightsOf(weights[Parts.Count - 1], Head.TiedTo is null ? null : weights[0]);

    static List<(string Name, ModelPart Part)> Named(Embedding? embedding, TokenOptions tokens, IReadOnlyList<Layer> body, IHead head)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(head);
        var parts = new List<(string Name, ModelPart Part)>();
        if (embedding is not null) parts.Add(("embedding", TiedEmbedding.PartFor(embedding, head)));
        if (tokens.Characters is { } characters) parts.AddRange(characters.Parts);
        AddLayers(parts, "", body);
        parts.Add(("head", head.Part));
        return parts;
    }

    /// <summary>Names layers by their number among those of their sort, so that what stands between layers does not change their names.</summary>
    internal static void AddLayers(List<(string Name, ModelPart Part)> parts, string prefix, IReadOnlyList<Layer> layers)
    {
        var (named, norms) = (0, 0);
        foreach (var layer in layers)
        {
            var name = layer switch
            {
                Dropout => "",
                LayerNormalization or Residual { Inner: LayerNormalization } => $"{prefix}norms.{norms++}",
                _ => $"{prefix}layers.{named++}",
            };
            parts.Add((name, layer));
        }
    }

    void RequireSizes()
    {
        var features = Embedding is null ? Features : Embedding.Width + (Tokens.Characters?.OutputSize ?? 0);
        for (var index = 0; index < Body.Count; features = Body[index++].OutputSize)
        {
            if (Body[index] is Embedding) throw new ArgumentException($"body[{index}] takes tokens: an embedding stands before the body", "body");
            if (Body[index].InputSize != features)
                throw new ArgumentException($"body[{index}] takes {Body[index].InputSize} features, but before it are {features}", "body");
        }

        if (Head.InputSize != features) throw new ArgumentException($"the head takes {Head.InputSize} features, but before it are {features}", "head");
    }
}
