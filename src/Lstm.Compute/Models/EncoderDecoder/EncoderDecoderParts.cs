namespace LstmCluster.Compute;

/// <summary>Which parts an encoder-decoder is made of, how their tensors are named, and whether they fit.</summary>
static class EncoderDecoderParts
{
    /// <summary>The parts in the order of the parameter vector.</summary>
    public static IEnumerable<(string Name, ModelPart Part)> Named(
        Embedding? source, IReadOnlyList<Layer> encoder, Embedding target, IReadOnlyList<Layer> decoder, IHead head, EncoderDecoderOptions options)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(decoder);
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(options);
        var parts = new List<(string Name, ModelPart Part)>();
        if (source is not null) parts.Add(("encoder.embedding", source));
        SequenceModel.AddLayers(parts, "encoder.", encoder);
        parts.Add(("bridge", new Bridge(encoder, decoder)));
        parts.Add(("decoder.embedding", TiedEmbedding.PartFor(target, head)));
        SequenceModel.AddLayers(parts, "decoder.", decoder);
        if (options.Attention is not null) parts.Add(("attention", options.Attention));
        parts.Add(("head", head.Part));
        return parts;
    }

    /// <exception cref="ArgumentException">Parts do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Start or end token lie outside of the target vocabulary.</exception>
    public static void RequireFit(
        Embedding? source, IReadOnlyList<Layer> encoder, Embedding target, IReadOnlyList<Layer> decoder, IHead head, EncoderDecoderOptions options)
    {
        var memory = RequireRow(encoder, source?.Width ?? encoder[0].InputSize, "encoder layer", nameof(encoder));
        foreach (var layer in decoder)
        {
            if (layer is not (Dropout or RecurrentLayer { Reverse: false, LearnedInitialState: false, RecomputeSteps: 0 }))
                throw new ArgumentException("a decoder is made of dropout and of recurrent layers that run forward, start from the encoder's states and keep all steps", nameof(decoder));
        }

        var attention = options.Attention;
        if (options.InputFeeding && attention is null) throw new ArgumentException("input feeding needs an attention, whose vector it feeds", nameof(options));
        var query = RequireRow(decoder, target.Width + (options.InputFeeding ? attention!.OutputSize : 0), "decoder layer", nameof(decoder));
        if (attention is not null && (attention.MemorySize, attention.QuerySize) != (memory, query))
        {
            throw new ArgumentException(
                $"the attention takes {attention.MemorySize} and {attention.QuerySize} features, but encoder and decoder give {memory} and {query}", nameof(options));
        }

        var output = attention?.OutputSize ?? query;
        if (head.InputSize != output) throw new ArgumentException($"the head takes {head.InputSize} features, but what stands before it gives {output}", nameof(head));
        if (head.TiedTo is not null && head.TiedTo != target) throw new ArgumentException("a head can be tied to the target embedding only", nameof(head));
        if (head.OutputSize != target.Vocabulary)
            throw new ArgumentException($"the head has {head.OutputSize} classes, the target embedding {target.Vocabulary}", nameof(head));
        RequireToken(options.StartToken, target.Vocabulary, nameof(options.StartToken));
        RequireToken(options.EndToken, target.Vocabulary, nameof(options.EndToken));
    }

    /// <returns>Features that the last layer gives.</returns>
    static int RequireRow(IReadOnlyList<Layer> layers, int features, string what, string name)
    {
        foreach (var (index, layer) in layers.Index())
        {
            if (layer is Embedding) throw new ArgumentException($"{what} {index} takes tokens: an embedding stands before the layers", name);
            if (layer.InputSize != features)
                throw new ArgumentException($"{what} {index} takes {layer.InputSize} features, but what stands before it gives {features}", name);
            features = layer.OutputSize;
        }

        return features;
    }

    static void RequireToken(int token, int vocabulary, string name)
    {
        if (token < 0 || token >= vocabulary) throw new ArgumentOutOfRangeException(name, token, $"must be in 0..{vocabulary - 1}");
    }
}
