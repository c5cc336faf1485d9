using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Compute.Tests;

/// <summary>The kinds of LSTM that the suite runs.</summary>
static class LstmVariants
{
    const uint MaskStream = 7;

    /// <summary>Each option alone.</summary>
    public static IReadOnlyDictionary<string, LstmOptions> Alone { get; } = new Dictionary<string, LstmOptions>
    {
        ["plain"] = LstmOptions.Plain,
        ["peephole"] = new() { Peephole = true },
        ["coupled input and forget gate"] = new() { CoupledInputForget = true },
        ["layer normalisation"] = new() { LayerNorm = true },
        ["projection"] = new() { Projection = 3 },
        ["cell clipping"] = new() { CellClip = 0.5f },
        ["recurrent dropout"] = new() { RecurrentDropout = 0.4f, MaskStream = MaskStream },
        ["zoneout of h"] = new() { ZoneoutHidden = 0.3f, MaskStream = MaskStream },
        ["zoneout of c"] = new() { ZoneoutCell = 0.2f, MaskStream = MaskStream },
    };

    public static LstmOptions Everything { get; } = new()
    {
        Peephole = true,
        CoupledInputForget = true,
        LayerNorm = true,
        Projection = 5,
        CellClip = 0.75f,
        RecurrentDropout = 0.3f,
        ZoneoutHidden = 0.25f,
        ZoneoutCell = 0.1f,
        MaskStream = MaskStream,
    };

    public static TheoryData<string> Names => [.. Alone.Keys];

    /// <summary>Each option alone and all together, in both directions.</summary>
    public static IEnumerable<LstmOptions> InBothDirections =>
        from options in Alone.Values.Append(Everything).Append(Everything with { CoupledInputForget = false, Projection = 0 })
        from reverse in new[] { false, true }
        select options with { Reverse = reverse };

    /// <summary>Any combination.</summary>
    public static Gen<LstmOptions> Any =>
        from flags in Gen.Choose(0, 511)
        from projection in Gen.Choose(1, 6)
        let options = new LstmOptions
        {
            Reverse = (flags & 1) != 0,
            Peephole = (flags & 2) != 0,
            CoupledInputForget = (flags & 4) != 0,
            LayerNorm = (flags & 8) != 0,
            Projection = (flags & 16) != 0 ? projection : 0,
            CellClip = (flags & 32) != 0 ? 0.5f : 0,
            RecurrentDropout = (flags & 64) != 0 ? 0.4f : 0,
            ZoneoutHidden = (flags & 128) != 0 ? 0.3f : 0,
            ZoneoutCell = (flags & 256) != 0 ? 0.2f : 0,
            MaskStream = MaskStream,
        }
        select options;

    /// <summary>Any combination over any batch up to these extents, with lengths or without, in training or not.</summary>
    public static Gen<LstmCase> AnyCase(int steps, int rows, int inputs, int units) =>
        from options in Any
        from T in Gen.Choose(1, steps)
        from N in Gen.Choose(1, rows)
        from D in Gen.Choose(1, inputs)
        from H in Gen.Choose(1, units)
        from seed in Gen.Choose(0, 1_000_000)
        from ragged in Gen.Choose(0, 1)
        from training in Gen.Choose(0, 2)
        let whole = new LstmCase(new(T, N, D, H) { Options = options }, seed) { Training = training > 0 }
        select ragged > 0 ? whole.Ragged(seed) : whole;
}
