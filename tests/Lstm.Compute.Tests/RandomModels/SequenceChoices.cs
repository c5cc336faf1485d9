using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Compute.Tests;

/// <summary>Random sequence models.</summary>
static class SequenceChoices
{
    static readonly Pooling?[] s_poolings = [null, null, Pooling.Last, Pooling.Mean, Pooling.Max];
    static readonly Loss[] s_losses =
    [
        new CrossEntropy(), new CrossEntropy(0.125f), new CrossEntropy(1), new BinaryCrossEntropy(), new SquaredError(), new Huber(0.75f), new Huber(2),
    ];

    // Beyond 64 the sums over time have several segments, and layers recompute what they did not keep.
    static readonly int[] s_longSteps = [65, 70, 129];

    public static Gen<SequenceChoice> Any =>
        from isLong in Gen.Choose(0, 5)
        from shortSteps in Gen.Choose(1, 6)
        from longSteps in Gen.Elements(s_longSteps)
        from shards in Gen.Choose(1, 5)
        from rows in Gen.Choose(1, 3).ListOf(shards)
        from isDense in Gen.Elements(false, false, true)
        from vocabulary in Gen.Choose(2, 5)
        from features in Gen.Choose(1, 4)
        from body in LayerChoices.Layer.Several(0, 4)
        from shortBody in LayerChoices.Layer.Several(1, 2)
        from pooling in Gen.Elements(s_poolings)
        from loss in Gen.Elements(s_losses)
        from outputs in Gen.Choose(1, 4)
        from isTied in Gen.Elements(false, true)
        from isRagged in Gen.Elements(false, true)
        from states in Gen.Elements(0, 0.5, 1)
        from spelling in Spelling
        from wordDropout in Gen.Elements(0f, 0f, 0.4f)
        from seed in Gen.Choose(0, 1_000_000)
        select (isLong == 0
            ? new SequenceChoice(
                longSteps, [.. rows.Take(2).Select(_ => 1)], isDense ? 0 : vocabulary, features, shortBody, pooling, loss, outputs, isTied, isRagged, states, seed)
            : new SequenceChoice(shortSteps, [.. rows], isDense ? 0 : vocabulary, features, body, pooling, loss, outputs, isTied, isRagged, states, seed))
            with
        { Spelling = isDense ? null : spelling, WordDropout = isDense ? 0 : wordDropout };

    static Gen<SpellingChoice?> Spelling =>
        from isRead in Gen.Elements(false, false, true)
        from vocabulary in Gen.Choose(1, 3)
        from width in Gen.Choose(1, 3)
        from longest in Gen.Choose(1, 4)
        from cell in LayerChoices.Cell
        from other in LayerChoices.Cell
        from direction in Gen.Choose(0, 2)
        let layer = direction == 0 ? (LayerChoice)new BothWays(cell, other, Merge.Concatenate) : new OneWay(cell, Reverse: direction == 1)
        select isRead ? new SpellingChoice(vocabulary, width, longest, layer) : null;
}
