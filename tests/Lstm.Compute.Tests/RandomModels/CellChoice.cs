namespace LstmCluster.Compute.Tests;

public enum CellKind
{
    Lstm,
    Gru,
    Rnn,
}

/// <summary>A recurrent layer but for its input and its direction.</summary>
/// <param name="Kind">Which equations.</param>
/// <param name="Units">H.</param>
/// <param name="Options">Of an LSTM; direction and mask streams come from its place.</param>
sealed record CellChoice(CellKind Kind, int Units, LstmOptions Options)
{
    public RecurrentInitialization Initialization { get; init; } = RecurrentInitialization.Uniform;

    public bool LearnsInitialState { get; init; }

    public bool Recomputes { get; init; }

    /// <summary>P.</summary>
    public int OutputSize => Kind == CellKind.Lstm ? Options.OutputSize(Units) : Units;

    /// <summary>The same with less to it.</summary>
    public IEnumerable<CellChoice> Simpler()
    {
        if (LearnsInitialState) yield return this with { LearnsInitialState = false };
        if (Recomputes) yield return this with { Recomputes = false };
        if (Initialization != RecurrentInitialization.Uniform) yield return this with { Initialization = RecurrentInitialization.Uniform };
        if (Units > 1) yield return this with { Units = Units - 1 };
        if (Kind != CellKind.Lstm) yield break;
        foreach (var options in new[]
        {
            Options with { Peephole = false }, Options with { CoupledInputForget = false }, Options with { LayerNorm = false }, Options with { Projection = 0 },
            Options with { CellClip = 0 }, Options with { RecurrentDropout = 0 }, Options with { ZoneoutHidden = 0 }, Options with { ZoneoutCell = 0 },
        })
        {
            if (options != Options) yield return this with { Options = options };
        }
    }

    public override string ToString()
    {
        var parts = new (string Name, object Value)[]
        {
            ("peephole", Options.Peephole), ("coupled", Options.CoupledInputForget), ("layer norm", Options.LayerNorm), ("projection", Options.Projection),
            ("cell clip", Options.CellClip), ("recurrent dropout", Options.RecurrentDropout), ("zoneout h", Options.ZoneoutHidden), ("zoneout c", Options.ZoneoutCell),
            ("learned state", LearnsInitialState), ("recomputes", Recomputes), (Initialization.Kernel.ToString(), Initialization.Kernel > 0),
            (Initialization.Recurrent.ToString(), Initialization.Recurrent > 0),
        };
        return string.Join(", ", parts.Where(part => part.Value is not (false or 0 or 0f)).Select(part => part.Value is true ? part.Name : $"{part.Name} {part.Value}").Prepend($"{Kind} {Units}"));
    }

    /// <summary>The same with so many outputs.</summary>
    public CellChoice WithOutput(int size) =>
        Kind == CellKind.Lstm && Options.Projection > 0 ? this with { Options = Options with { Projection = size } } : this with { Units = size };

    /// <summary>Makes the layer.</summary>
    public RecurrentLayer Create(int inputs, bool reverse, Making making)
    {
        var recompute = Recomputes && making.Recomputes ? TimeSegments.Steps : 0;
        return Kind switch
        {
            CellKind.Gru => new Gru(inputs, Units, reverse)
            {
                Initialization = Initialization,
                LearnedInitialState = LearnsInitialState,
                RecomputeSteps = recompute,
            },
            CellKind.Rnn => new Rnn(inputs, Units, reverse)
            {
                Initialization = Initialization,
                LearnedInitialState = LearnsInitialState,
                RecomputeSteps = recompute,
            },
            _ => new Lstm(inputs, Units, options: Options with { Reverse = reverse, MaskStream = making.Streams(LstmOptions.MaskStreams) })
            {
                Initialization = Initialization,
                LearnedInitialState = LearnsInitialState,
                RecomputeSteps = recompute,
            },
        };
    }
}
