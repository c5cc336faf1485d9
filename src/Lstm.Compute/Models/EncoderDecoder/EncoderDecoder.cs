namespace LstmCluster.Compute;

/// <summary>
/// A model from one sequence to another: an encoder over the source, whose final states start a decoder, which predicts the target class by class
/// and may look back at the encoder's outputs by attention.
/// </summary>
/// <remarks>
/// Sutskever, Vinyals and Le 2014; Bahdanau, Cho and Bengio 2015; Luong, Pham and Manning 2015. A batch has the source as tokens or features and the target as
/// <see cref="Batch.Classes"/> [U,N], each row with its end token and then negative ones; the decoder sees the start token and then the classes, one step later. An ignored
/// class is shown as the start token. Without classes it sees its own best ones for <see cref="Batch.TargetSteps"/> steps; <see cref="Translator"/> searches.
/// </remarks>
public sealed class EncoderDecoder : Model
{
    /// <summary>Puts the parts together.</summary>
    /// <param name="source">From source tokens to vectors; null when the source is features, as many as the first layer takes.</param>
    /// <param name="encoder">Layers over the source; at least one of them recurrent, in either direction or both.</param>
    /// <param name="target">From target classes to vectors.</param>
    /// <param name="decoder">Recurrent layers that run forward, and dropout between them. With input feeding the first takes the target's vector and the attentional vector.</param>
    /// <param name="head">From the attentional vector, or without attention from the decoder's output, to class scores; it may be tied to <paramref name="target"/>.</param>
    /// <param name="options">Tokens, attention and so on.</param>
    /// <exception cref="ArgumentException">Parts do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Start or end token lie outside of the target vocabulary.</exception>
    public EncoderDecoder(
        Embedding? source, IReadOnlyList<Layer> encoder, Embedding target, IReadOnlyList<Layer> decoder, IHead head, EncoderDecoderOptions options)
        : base(EncoderDecoderParts.Named(source, encoder, target, decoder, head, options), options.Sampling?.Stream)
    {
        EncoderDecoderParts.RequireFit(source, encoder, target, decoder, head, options);
        (Source, Encoder, Target, Decoder, Head, Options) = (source, [.. encoder], target, [.. decoder], head, options);
        Bridge = (Bridge)Parts[BridgeIndex];
    }

    /// <summary>From source tokens to vectors; null for features.</summary>
    public Embedding? Source { get; }

    /// <summary>Layers over the source.</summary>
    public IReadOnlyList<Layer> Encoder { get; }

    /// <summary>From target classes to vectors.</summary>
    public Embedding Target { get; }

    /// <summary>Layers over the target.</summary>
    public IReadOnlyList<Layer> Decoder { get; }

    /// <summary>From decoder to class scores.</summary>
    public IHead Head { get; }

    /// <summary>Tokens, attention and so on.</summary>
    public EncoderDecoderOptions Options { get; }

    /// <summary>D, features of a source step that the first layer takes.</summary>
    public int SourceFeatures => Encoder[0].InputSize;

    /// <summary>Number of target classes.</summary>
    public int Classes => Head.OutputSize;

    /// <inheritdoc/>
    public override int Outputs => Head.OutputSize;

    /// <summary>0: each pair of sequences starts afresh.</summary>
    public override int StateSize => 0;

    internal Bridge Bridge { get; }

    internal int FirstEncoderIndex => Source is null ? 0 : 1;

    internal int BridgeIndex => FirstEncoderIndex + Encoder.Count;

    internal int TargetIndex => BridgeIndex + 1;

    internal int FirstDecoderIndex => TargetIndex + 1;

    internal int AttentionIndex => FirstDecoderIndex + Decoder.Count;

    internal int HeadIndex => Parts.Count - 1;

    /// <inheritdoc/>
    public override ModelRun CreateRun(IDevice device) => new EncoderDecoderRun(this, device);

    /// <summary>The head's weights among those of the model.</summary>
    internal AffineWeights HeadWeights(ModelWeights weights) => Head.WeightsOf(weights[HeadIndex], Head.TiedTo is null ? null : weights[TargetIndex]);
}
