using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Cli.Bench;

/// <summary>A recurrent layer that is measured: the LSTM with one option alone, or another cell.</summary>
/// <param name="Name">As it is typed and shown.</param>
/// <param name="Gates">G, blocks of H rows that both kernels have.</param>
/// <param name="Create">The layer of an extent; of how many steps it keeps activations at once, 0 for all.</param>
sealed record LayerVariant(string Name, int Gates, Func<LstmExtent, int, Layer> Create)
{
    const float RecurrentDropout = 0.25f, Zoneout = 0.1f;

    /// <summary>All that can be asked for, the plain LSTM first.</summary>
    public static IReadOnlyList<LayerVariant> All { get; } =
    [
        Lstm("plain", LstmOptions.Plain),
        Lstm("peephole", new LstmOptions { Peephole = true }),
        Lstm("layer-norm", new LstmOptions { LayerNorm = true }),
        Lstm("recurrent-dropout", new LstmOptions { RecurrentDropout = RecurrentDropout }),
        Lstm("zoneout", new LstmOptions { ZoneoutHidden = Zoneout, ZoneoutCell = Zoneout }),
        new("projection", 4, (extent, kept) => Lstm(extent, new LstmOptions { Projection = Math.Max(1, extent.H / 2) }, kept))
        {
            Projects = true,
        },
        Lstm("coupled", new LstmOptions { CoupledInputForget = true }),
        new("bidirectional", 4, (extent, kept) => new Bidirectional(Lstm(extent, LstmOptions.Plain, kept), Lstm(extent, new LstmOptions { Reverse = true }, kept)))
        {
            Directions = 2,
        },
        new("gru", 3, (extent, kept) => new Gru(extent.D, extent.H) { RecomputeSteps = kept }),
        new("rnn", 1, (extent, kept) => new Rnn(extent.D, extent.H) { RecomputeSteps = kept }),
    ];

    /// <summary>Directions that the layer runs in, whose outputs stand side by side.</summary>
    public int Directions { get; init; } = 1;

    /// <summary>True when a third matrix leads from H units to the output.</summary>
    public bool Projects { get; init; }

    /// <summary>The variant of a name.</summary>
    /// <exception cref="UserErrorException">There is none.</exception>
    public static LayerVariant Named(string name) =>
        All.FirstOrDefault(variant => variant.Name == name)
        ?? throw new UserErrorException($"--variant must be {string.Join(", ", All.SkipLast(1).Select(v => v.Name))} or {All[^1].Name}, got \"{name}\"");

    /// <summary>
    /// Floating-point operations of the matrix products of one forward pass: <c>2*T*N*(D+P)*G*H</c> a direction, and <c>2*T*N*P*H</c> for a projection,
    /// with P outputs (H without projection). Forward and full backward take three times as many.
    /// </summary>
    public double ForwardOperations(LstmExtent extent)
    {
        double outputs = OutputSize(extent), projection = Projects ? outputs * extent.H : 0;
        return Directions * 2.0 * extent.T * extent.N * (((extent.D + outputs) * Gates * extent.H) + projection);
    }

    /// <summary>Bytes of the recurrent matrices that one forward pass must read, each once a time step.</summary>
    public double RecurrentBytes(LstmExtent extent) => Directions * (double)sizeof(float) * extent.T * RecurrentElements(extent);

    /// <summary>Elements of one direction's recurrent matrices: U, and a projection.</summary>
    public int RecurrentElements(LstmExtent extent) => OutputSize(extent) * (Gates + (Projects ? 1 : 0)) * extent.H;

    static LayerVariant Lstm(string name, LstmOptions options) => new(name, options.GateCount, (extent, kept) => Lstm(extent, options, kept));

    static Lstm Lstm(LstmExtent extent, LstmOptions options, int kept) => new(extent.D, extent.H, options: options) { RecomputeSteps = kept };

    int OutputSize(LstmExtent extent) => Create(extent, 0).OutputSize / Directions;
}
