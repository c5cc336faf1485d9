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
        Lengths = new RowLengths(shape.Batch, Pass);
        if (Pass.Training && (options.RecurrentDropout > 0 || options.ZoneoutHidden > 0 || options.ZoneoutCell > 0))
            RowKeys = (Pass.RowKeys ?? throw new ArgumentException("masks need row keys", nameof(activations))).At(2 * rows);
    }

    /// <summary>Index of a position's first inverse deviation within [T,3,N].</summary>
    public static nint InputDeviation(nint position, int rows) => (3 * (position / rows * rows)) + (position % rows);

    public readonly float* Input, Gates, Cells, Hidden, CellOutput, NewCells, MaskedHidden;
    public readonly float* InputNormalized, RecurrentNormalized, CellNormalized, InverseDeviations;
    public readonly float* Bias, Peephole, InputNorm, RecurrentNorm, CellNorm;
    public readonly int* RowKeys;
    public readonly RecurrentPass Pass;
    public readonly RowLengths Lengths;
}
