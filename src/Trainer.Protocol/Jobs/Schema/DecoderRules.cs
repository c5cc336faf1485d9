namespace LstmCluster.Protocol;

/// <summary>What a decoder needs, and what does not fit it.</summary>
static class DecoderRules
{
    const string Layers = "model.decoder.layers";

    /// <summary>Refuses a decoder that is missing, out of place or does not fit.</summary>
    public static void Check(Job job, SectionPlaces places)
    {
        if (job.Model.Decoder is not { } decoder)
        {
            if (job.Task is SequenceToSequenceTask) throw places.Error("model.decoder", "is missing: what writes the target sequence of a seq2seq, such as decoder: { layers: [lstm: { units: 64 }] }");
            return;
        }

        if (job.Task is not SequenceToSequenceTask) throw places.Error("model.decoder", $"is for seq2seq only: a {JobSchema.NameOf(job.Task)} writes no sequence of its own");
        foreach (var (index, layer) in decoder.Layers.Index()) CheckLayer(index, layer, places);
        CheckAttention(job, decoder, places);
        var output = ModelRules.OutputSizeOf(decoder.Layers[^1]);
        if (decoder.Tied && decoder.Embedding != output)
            throw places.Error("model.decoder.tied", $"shares the weights of the target embedding, whose model.decoder.embedding {decoder.Embedding} features must be those of the last decoder layer, which gives {output}");
    }

    static void CheckLayer(int index, LayerOptions layer, SectionPlaces places)
    {
        if (layer.Bidirectional != DirectionMerge.None)
            throw places.Error(ModelRules.KeyOf(Layers, index, layer, "bidirectional"), "must be none: a decoder writes from the first token to the last, and the later ones are not there yet");
        if (layer.LearnedState)
            throw places.Error(ModelRules.KeyOf(Layers, index, layer, "learnedState"), "must be false: a decoder starts from the states that the encoder ended with");
    }

    static void CheckAttention(Job job, DecoderOptions decoder, SectionPlaces places)
    {
        if (decoder is { Attention: AttentionKind.None, InputFeeding: true })
            throw places.Error("model.decoder.inputFeeding", "needs an attention, whose vector it feeds: model.decoder.attention is none");
        var (memory, query) = (ModelRules.OutputSizeOf(job.Model.Layers[^1]), ModelRules.OutputSizeOf(decoder.Layers[^1]));
        if (decoder.Attention == AttentionKind.Dot && memory != query)
            throw places.Error("model.decoder.attention", $"dot multiplies vectors of one size, and the last layer of the encoder gives {memory} features, that of the decoder {query}; use general or additive");
    }
}
