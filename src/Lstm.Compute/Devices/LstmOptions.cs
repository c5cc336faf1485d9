namespace LstmCluster.Compute;

/// <summary>What an LSTM layer does beyond the plain one; any combination is allowed.</summary>
/// <remarks>
/// One step, with n the new cell before zoneout and G gates (i, f, g, o; with coupling i, g, o):
/// <code>
/// a = LN(x W^T),  b = LN(m*h U^T)         layer normalisation of both products, m the recurrent dropout mask
/// i,f = sigmoid(a + b + bias + p*c),  g = tanh(a + b + bias)        with coupling f = 1 - i
/// n = clip(f*c + i*g),  o = sigmoid(a + b + bias + p*n)
/// h~ = o*tanh(LN(n)),  r = h~ P^T          projection
/// c' = zoneout(n, c),  h' = zoneout(r, h)
/// </code>
/// </remarks>
public sealed record LstmOptions
{
    /// <summary>Added to a variance before its root is taken.</summary>
    public const float NormEpsilon = 1e-5f;

    /// <summary>No option.</summary>
    public static LstmOptions Plain { get; } = new();

    /// <summary>True to run from the last time step to the first.</summary>
    public bool Reverse { get; init; }

    /// <summary>i and f see the cell before, o the cell after, each through a diagonal (Gers, Schraudolph and Schmidhuber 2002).</summary>
    public bool Peephole { get; init; }

    /// <summary><c>f = 1 - i</c>, which leaves three gates (Greff et al. 2017, CIFG).</summary>
    public bool CoupledInputForget { get; init; }

    /// <summary>Both products and the cell are normalised (Ba, Kiros and Hinton 2016).</summary>
    public bool LayerNorm { get; init; }

    /// <summary>P, features of the projected hidden state (Sak, Senior and Beaufays 2014); 0 for none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int Projection
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "the projected features must be positive, or 0 for none");
    }

    /// <summary>The cell is limited to <c>[-CellClip, CellClip]</c>; 0 for no limit. Beyond it no gradient flows.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not a number.</exception>
    public float CellClip
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "the limit of the cell must be positive, or 0 for none");
    }

    /// <summary>Rate at which features of h are dropped before the recurrent product, with one mask for all time steps (Gal and Ghahramani 2016).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not in [0,1).</exception>
    public float RecurrentDropout { get; init => field = Rate(value); }

    /// <summary>Rate at which features of h keep their value of the step before (Krueger et al. 2017); out of training the mean of both.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not in [0,1).</exception>
    public float ZoneoutHidden { get; init => field = Rate(value); }

    /// <summary>The same for the cell.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not in [0,1).</exception>
    public float ZoneoutCell { get; init => field = Rate(value); }

    /// <summary>Mask streams of a layer.</summary>
    public const int MaskStreams = 3;

    // No numbering of layers by place gets this far.
    const uint ReversedStreams = 1u << 31;

    /// <summary>First of the three mask streams of the layer: recurrent dropout, zoneout of h, zoneout of c.</summary>
    public uint MaskStream { get; init; }

    /// <summary>G, gates with rows of their own: 4, or 3 with coupling.</summary>
    public int GateCount => CoupledInputForget ? 3 : 4;

    /// <summary>True when training draws masks of the streams from <see cref="MaskStream"/> on.</summary>
    internal bool DrawsMasks => RecurrentDropout > 0 || ZoneoutHidden > 0 || ZoneoutCell > 0;

    /// <summary>True when nothing but the direction differs from the plain layer.</summary>
    public bool IsPlain =>
        !Peephole && !CoupledInputForget && !LayerNorm && Projection == 0 && CellClip == 0 && RecurrentDropout == 0 && ZoneoutHidden == 0 && ZoneoutCell == 0;

    /// <summary>The same in the other direction, with masks of its own: what the second direction of a <see cref="Bidirectional"/> layer takes.</summary>
    public LstmOptions Reversed() => this with { Reverse = !Reverse, MaskStream = MaskStream ^ ReversedStreams };

    /// <summary>Features of the hidden state: P, or H without projection.</summary>
    public int OutputSize(int units) => Projection > 0 ? Projection : units;

    static float Rate(float value) => value is >= 0 and < 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "a rate must be in [0,1)");
}

/// <summary>What a recurrent layer must know of a batch, apart from its extent.</summary>
/// <param name="Training">True when masks are drawn.</param>
/// <param name="MaskKey">Key of the step's masks.</param>
/// <param name="RowKeys">[N,2]: shard and row, for masks; null when none is drawn.</param>
/// <param name="Lengths">[N]: time steps of each row, from 0 to T; null when all have T. Beyond its length a row keeps its state, and no gradient comes from there.</param>
public readonly record struct RecurrentPass(bool Training, ulong MaskKey, DeviceIndices? RowKeys, DeviceIndices? Lengths)
{
    /// <summary>Where the operands' first time step stands in the batch: 0 unless they are a window of it.</summary>
    public int FirstStep { get; init; }

    /// <summary>T of the whole batch, which lengths may reach; 0 when the operands are all of it.</summary>
    public int BatchSteps { get; init; }

    /// <summary>T of the whole batch.</summary>
    /// <param name="steps">Time steps of the operands.</param>
    internal int StepsOfBatch(int steps) => BatchSteps > 0 ? BatchSteps : steps;
}
