namespace LstmCluster.Compute;

/// <summary>A model from tokens to class scores at every position: embedding, layers, linear head, softmax cross-entropy.</summary>
/// <remarks>The description only: <see cref="ModelWeights"/> holds a weight version on a device, <see cref="SequenceRun"/> runs batches.</remarks>
public sealed class SequenceModel : Model
{
    /// <summary>Puts layers into a row.</summary>
    /// <param name="embedding">From tokens to vectors.</param>
    /// <param name="body">The layers between.</param>
    /// <param name="head">From the last layer to class scores.</param>
    /// <exception cref="ArgumentException">A layer's input is not of the size of the output before it.</exception>
    public SequenceModel(Embedding embedding, IReadOnlyList<Layer> body, Linear head)
        : base(Named(embedding, body, head))
    {
        Layers = [.. Parts.Cast<Layer>()];
        for (var index = 1; index < Layers.Count; index++)
        {
            if (Layers[index].InputSize != Layers[index - 1].OutputSize)
                throw new ArgumentException($"layer {index} takes {Layers[index].InputSize} features, but the one before gives {Layers[index - 1].OutputSize}", nameof(body));
        }

        StateSize = Layers.Sum(layer => layer.StateSize);
        Vocabulary = embedding.Vocabulary;
        Classes = head.OutputSize;
    }

    /// <summary>Embedding first, head last.</summary>
    public IReadOnlyList<Layer> Layers { get; }

    /// <inheritdoc/>
    public override int StateSize { get; }

    /// <summary>V, number of input tokens.</summary>
    public int Vocabulary { get; }

    /// <summary>Number of classes of the head.</summary>
    public int Classes { get; }

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

    static List<(string Name, ModelPart Part)> Named(Embedding embedding, IReadOnlyList<Layer> body, Linear head)
    {
        ArgumentNullException.ThrowIfNull(embedding);
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(head);
        var parts = new List<(string Name, ModelPart Part)> { ("embedding", embedding) };
        var named = 0;
        foreach (var layer in body) parts.Add((layer is Dropout ? "" : $"layers.{named++}", layer));
        parts.Add(("head", head));
        return parts;
    }
}
