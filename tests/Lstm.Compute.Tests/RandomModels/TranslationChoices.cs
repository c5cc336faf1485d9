using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Compute.Tests;

/// <summary>Random encoder-decoders.</summary>
static class TranslationChoices
{
    static readonly AttentionKind?[] s_attentions = [null, AttentionKind.Dot, AttentionKind.General, AttentionKind.Additive];
    static readonly float?[] s_samplings = [null, null, 0.5f, 1];

    public static Gen<TranslationChoice> Any
    {
        get
        {
            var choices =
                from isLong in Gen.Choose(0, 9)
                from sourceSteps in Gen.Choose(1, 5)
                from targetSteps in Gen.Choose(1, 4)
                from shards in Gen.Choose(1, 4)
                from rows in Gen.Choose(1, 2).ListOf(shards)
                from sourceVocabulary in Gen.Elements(0, 3, 5)
                from sizes in Gen.Choose(1, 4).ListOf(4)
                from targetVocabulary in Gen.Choose(2, 5)
                from encoder in LayerChoices.Layer.Several(1, 3)
                from decoder in LayerChoices.OfDecoder.Several(1, 3)
                from attention in Gen.Elements(s_attentions)
                from switches in Gen.Elements(false, true).ListOf(3)
                from smoothing in Gen.Elements(0f, 0.1f)
                from sampling in Gen.Elements(s_samplings)
                from seed in Gen.Choose(0, 1_000_000)
                select new TranslationChoice(
                    isLong == 0 ? 66 : sourceSteps, targetSteps, isLong == 0 ? [1, 1] : [.. rows], sourceVocabulary, sizes[0], targetVocabulary, sizes[1],
                    encoder, decoder, attention, sizes[2], sizes[3], switches[0] && attention is not null, switches[1], smoothing, sampling, switches[2], seed);
            return choices.Where(choice => choice.HasRecurrence);
        }
    }
}
