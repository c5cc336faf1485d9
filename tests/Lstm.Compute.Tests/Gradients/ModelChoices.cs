using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Compute.Tests;

/// <summary>Random choices of a model and a batch.</summary>
static class ModelChoices
{
    static readonly Pooling?[] s_poolings = [null, null, Pooling.Last, Pooling.Mean, Pooling.Max];

    /// <summary>Any.</summary>
    public static Gen<ModelChoice> Any =>
        from steps in Gen.Choose(1, 5)
        from shardRows in Gen.Choose(1, 2).ListOf(3)
        from isDense in Gen.Elements(false, false, true)
        from vocabulary in Gen.Choose(2, 5)
        from features in Gen.Choose(1, 3)
        from units in Gen.Choose(1, 3).ListOf(2)
        from kinds in Gen.Choose(0, 9).ListOf(2)
        from outputs in Gen.Choose(1, 4)
        from dropout in Gen.Elements(0f, 0.3f)
        from pooling in Gen.Elements(s_poolings)
        from loss in Gen.Elements(Enum.GetValues<LossKind>())
        from isTied in Gen.Elements(false, true)
        from isRagged in Gen.Elements(false, true)
        from seed in Gen.Choose(0, 1000)
        select new ModelChoice(
            steps, [.. shardRows], isDense ? 0 : vocabulary, features, [.. units], [.. kinds], outputs, dropout, pooling, loss, isTied && !isDense, isRagged, seed);

    /// <summary>Those whose loss is smooth: without a maximum, and without Huber's change from square to line.</summary>
    public static Gen<ModelChoice> Smooth => Any.Where(choice => choice.Pooling != Pooling.Max && choice.Loss != LossKind.Huber);
}
