using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;
using AttentionKind = LstmCluster.Protocol.AttentionKind;

namespace LstmCluster.Training;

/// <summary>From a job of sequences into sequences to its encoder-decoder.</summary>
static class TranslationMapping
{
    // Far behind any layer of the encoder, and the choice of sampled steps behind both.
    const int DecoderPlace = 1 << 12;
    const uint SamplingStream = 1 << 30;

    /// <summary>The model.</summary>
    public static EncoderDecoder Of(Job job, DataEncoding encoding)
    {
        var (source, encoder) = ModelMapping.Input(job, encoding);
        var options = job.Model.Decoder!;
        var target = ModelMapping.EmbeddingOf(ModelMapping.Outputs(job, encoding), options.Embedding, options.Tied);
        var query = QuerySize(options);
        var attention = Attention(options.Attention, encoder.Features, query);
        var features = options.Embedding + (options.InputFeeding ? attention!.OutputSize : 0);
        var decoder = new StackMapping(features, job.Model.Dropout, recompute: 0, DecoderPlace).With(options.Layers);
        IHead head = options.Tied ? new TiedLinear(target) : new Linear(query, target.Vocabulary);
        return new EncoderDecoder(source, encoder.Layers, target, decoder.Layers, head, new EncoderDecoderOptions
        {
            // The end stands before the first token too, so that the head and the target embedding have the same tokens.
            StartToken = encoding.EndToken,
            EndToken = encoding.EndToken,
            Attention = attention,
            InputFeeding = options.InputFeeding,
            Sampling = options.ScheduledSampling > 0 ? new ScheduledSampling((float)options.ScheduledSampling, SamplingStream) : null,
            Loss = new CrossEntropy((float)((job.Model.Loss as CrossEntropyOptions)?.Smoothing ?? 0)),
        });
    }

    /// <summary>Features that the decoder's last layer gives, and so the attentional vector has.</summary>
    static int QuerySize(DecoderOptions options) => LayerMapping.Of(options.Layers[^1], features: 1, place: 0, recompute: 0).OutputSize;

    static Attention? Attention(AttentionKind kind, int memory, int query) => kind switch
    {
        AttentionKind.None => null,
        AttentionKind.Dot => new Attention(Compute.AttentionKind.Dot, memory, query),
        AttentionKind.General => new Attention(Compute.AttentionKind.General, memory, query),
        AttentionKind.Additive => new Attention(Compute.AttentionKind.Additive, memory, query),
        _ => throw new NotSupportedException($"no attention for {kind}"),
    };
}
