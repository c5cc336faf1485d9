namespace LstmCluster.Compute.Cpu;

/// <summary>The operands of an LSTM as pointers, their lengths checked; null where an option is off. Shapes stand at <see cref="LstmActivations"/>.</summary>
readonly unsafe struct LstmMemory
{
    public LstmMemory(in LstmShape shape, in LstmWeights weights, in LstmActivations activations)
        : this(shape, activations)
    {
        var (options, plain, units) = (shape.Options, weights.Plain, shape.Units);
        Bias = plain.Bias.At(shape.GateRows);
        if (options.Peephole) Peephole = plain.Peephole.At((long)(options.GateCount - 1) * units);
        if (!options.LayerNorm) return;
        InputNorm = plain.InputNorm.At(2L * shape.GateRows);
        RecurrentNorm = plain.RecurrentNorm.At(2L * shape.GateRows);
        CellNorm = plain.CellNorm.At(2L * units);
    }

    public LstmMemory(in LstmShape shape, in LstmActivations activations)
    {
        var options = shape.Options;
        var (positions, rows) = ((long)shape.Steps * shape.Rows, (long)shape.Rows);
        var (units, outputs, gateRows) = (shape.Units, shape.Outputs, shape.GateRows);
        Input = activations.Input.At(positions * shape.Inputs);
        Gates = activations.Gates.At(positions * gateRows);
        Cells = activations.Cells.At((positions + rows) * units);
        Hidden = activations.Hidden.At((positions + rows) * outputs);
        if (options.Projection > 0) CellOutput = activations.CellOutput.At(positions * units);
        if (options.ZoneoutCell > 0) NewCells = activations.NewCells.At(positions * units);
        if (options.RecurrentDropout > 0) MaskedHidden = activations.MaskedHidden.At(positions * outputs);
        if (options.LayerNorm)
        {
            InputNormalized = activations.InputNormalized.At(positions * gateRows);
            RecurrentNormalized = activations.RecurrentNormalized.At(positions * gateRows);
            CellNormalized = activations.CellNormalized.At(positions * units);
            InverseDeviations = activations.InverseDeviations.At(3 * positions);
        }

        Pass = activations.Pass;
        if (Pass.Lengths is { } lengths)
        {
            Lengths = lengths.At(rows);
            if (new ReadOnlySpan<int>(Lengths, shape.Rows).ContainsAnyExceptInRange(0, shape.Steps))
                throw new ArgumentOutOfRangeException(nameof(activations), $"a row's length must be in 0..{shape.Steps}");
        }

        if (Pass.Training && (options.RecurrentDropout > 0 || options.ZoneoutHidden > 0 || options.ZoneoutCell > 0))
            RowKeys = (Pass.RowKeys ?? throw new ArgumentException("masks need row keys", nameof(activations))).At(2 * rows);
    }

    public readonly float* Input, Gates, Cells, Hidden, CellOutput, NewCells, MaskedHidden;
    public readonly float* InputNormalized, RecurrentNormalized, CellNormalized, InverseDeviations;
    public readonly float* Bias, Peephole, InputNorm, RecurrentNorm, CellNorm;
    public readonly int* Lengths, RowKeys;
    public readonly RecurrentPass Pass;

    /// <summary>True when a row's sequence does not reach time step t.</summary>
    public bool IsPadded(int t, int row) => Lengths != null && t >= Lengths[row];
}

/// <summary>Where the states of one time step stand: before and after it, in either direction.</summary>
readonly record struct LstmTime(int T, int Before, int After)
{
    /// <summary>The time step that comes at a turn of the loop.</summary>
    public static LstmTime At(int turn, in LstmShape shape)
    {
        var t = shape.Options.Reverse ? shape.Steps - 1 - turn : turn;
        return shape.Options.Reverse ? new(t, t + 1, t) : new(t, t, t + 1);
    }
}
