using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Cli.Bench;

/// <summary>One option of the LSTM that is measured alone.</summary>
/// <param name="Name">As it is typed and shown.</param>
/// <param name="Directions">Layers that run one after the other, each in its direction.</param>
/// <param name="Options">The options for so many units.</param>
sealed record LstmVariant(string Name, int Directions, Func<int, LstmOptions> Options)
{
    const float RecurrentDropout = 0.25f, Zoneout = 0.1f;

    /// <summary>All that can be asked for, the plain layer first.</summary>
    public static IReadOnlyList<LstmVariant> All { get; } =
    [
        Of("plain", LstmOptions.Plain),
        Of("peephole", new LstmOptions { Peephole = true }),
        Of("layer-norm", new LstmOptions { LayerNorm = true }),
        Of("recurrent-dropout", new LstmOptions { RecurrentDropout = RecurrentDropout }),
        Of("zoneout", new LstmOptions { ZoneoutHidden = Zoneout, ZoneoutCell = Zoneout }),
        new("projection", 1, units => new LstmOptions { Projection = Math.Max(1, units / 2) }),
        Of("coupled", new LstmOptions { CoupledInputForget = true }),
        new("bidirectional", 2, _ => LstmOptions.Plain),
    ];

    /// <summary>The variant of a name.</summary>
    /// <exception cref="UserErrorException">There is none.</exception>
    public static LstmVariant Named(string name) =>
        All.FirstOrDefault(variant => variant.Name == name)
        ?? throw new UserErrorException($"--variant must be {string.Join(", ", All.SkipLast(1).Select(v => v.Name))} or {All[^1].Name}, got \"{name}\"");

    /// <summary>The layers of a case, forwards first.</summary>
    public IEnumerable<Lstm> Layers(LstmExtent extent) => Enumerable.Range(0, Directions)
        .Select(direction => new Lstm(extent.D, extent.H, options: Options(extent.H) with { Reverse = direction == 1 }));

    /// <summary>Floating-point operations of the matrix products of one forward pass; forward and full backward take three times as many.</summary>
    public double ForwardOperations(LstmExtent extent)
    {
        var options = Options(extent.H);
        double outputs = options.OutputSize(extent.H), gateRows = options.GateCount * extent.H;
        var projection = options.Projection > 0 ? outputs * extent.H : 0;
        return Directions * 2.0 * extent.T * extent.N * (((extent.D + outputs) * gateRows) + projection);
    }

    /// <summary>Bytes of the recurrent matrices that one forward pass must read, each once a time step.</summary>
    public double RecurrentBytes(LstmExtent extent)
    {
        var options = Options(extent.H);
        double outputs = options.OutputSize(extent.H);
        var projection = options.Projection > 0 ? outputs * extent.H : 0;
        return Directions * (double)sizeof(float) * extent.T * ((outputs * options.GateCount * extent.H) + projection);
    }

    static LstmVariant Of(string name, LstmOptions options) => new(name, 1, _ => options);
}
