using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Compute.Tests;

/// <summary>Random layers.</summary>
static class LayerChoices
{
    static readonly CellKind[] s_kinds = [CellKind.Lstm, CellKind.Lstm, CellKind.Lstm, CellKind.Gru, CellKind.Rnn];

    /// <summary>Any recurrent layer with any options.</summary>
    public static Gen<CellChoice> Cell =>
        from kind in Gen.Elements(s_kinds)
        from isPlain in Gen.Elements(false, false, true)
        from options in LstmVariants.Any
        from units in Gen.Choose(1, 4)
        from kernel in Gen.Elements(Enum.GetValues<KernelInitialization>())
        from recurrent in Gen.Elements(Enum.GetValues<KernelInitialization>())
        from learns in Gen.Elements(false, true)
        from recomputes in Gen.Elements(false, true)
        select new CellChoice(kind, units, isPlain || kind != CellKind.Lstm ? LstmOptions.Plain : options with { Reverse = false })
        {
            Initialization = new RecurrentInitialization(kernel, recurrent),
            LearnsInitialState = learns,
            Recomputes = recomputes,
        };

    /// <summary>Any layer.</summary>
    public static Gen<LayerChoice> Layer =>
        from kind in Gen.Elements(0, 0, 0, 1, 1, 2, 3, 4)
        from one in Cell
        from other in Cell
        from reverse in Gen.Elements(false, true)
        from merge in Gen.Elements(Enum.GetValues<Merge>())
        from size in Gen.Choose(1, 4)
        from residual in Gen.Elements(false, false, true)
        select kind switch
        {
            0 => new OneWay(one, reverse) { IsResidual = residual },
            1 => new BothWays(one, other, merge) { IsResidual = residual },
            2 => new Normalised { IsResidual = residual },
            3 => new Dropped(0.3f) { IsResidual = residual },
            _ => (LayerChoice)new Mapped(size) { IsResidual = residual },
        };

    /// <summary>A layer that a decoder may have: it runs forward, starts from what it is given, and keeps its activations.</summary>
    public static Gen<LayerChoice> OfDecoder =>
        from drops in Gen.Elements(false, false, true)
        from cell in Cell
        select drops ? (LayerChoice)new Dropped(0.3f) : new OneWay(cell with { LearnsInitialState = false, Recomputes = false }, Reverse: false);

    /// <summary>Several, from the least number to the greatest.</summary>
    public static Gen<LayerChoice[]> Several(this Gen<LayerChoice> layer, int least, int most) =>
        from count in Gen.Choose(least, most)
        from layers in layer.ListOf(count)
        select layers.ToArray();

    /// <summary>The same layers without one of them, or with less to one of them.</summary>
    public static IEnumerable<LayerChoice[]> Simpler(this LayerChoice[] layers)
    {
        for (var index = 0; index < layers.Length; index++)
            yield return [.. layers[..index], .. layers[(index + 1)..]];
        for (var index = 0; index < layers.Length; index++)
        {
            foreach (var simpler in layers[index].Simpler())
                yield return [.. layers[..index], simpler, .. layers[(index + 1)..]];
        }
    }

    /// <summary>Makes layers one behind the other.</summary>
    public static List<Layer> Create(this IEnumerable<LayerChoice> choices, int inputs, Making making)
    {
        var layers = new List<Layer>();
        foreach (var choice in choices)
        {
            layers.Add(choice.Create(inputs, making));
            inputs = layers[^1].OutputSize;
        }

        return layers;
    }
}
