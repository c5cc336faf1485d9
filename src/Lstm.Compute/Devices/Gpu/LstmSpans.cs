namespace LstmCluster.Compute.Gpu;

/// <summary>The operands of an LSTM, their lengths checked; left out where an option is off. Shapes stand at <see cref="LstmActivations"/>.</summary>
readonly struct LstmSpans
{
    public LstmSpans(IGpuRuntime runtime, in LstmShape shape, in LstmWeights weights, in LstmActivations activations)
        : this(runtime, shape, activations)
    {
        var (options, plain, units) = (shape.Options, weights.Plain, shape.Units);
        Bias = plain.Bias.At(runtime, shape.GateRows);
        if (options.Peephole) Peephole = plain.Peephole.At(runtime, (long)(options.GateCount - 1) * units);
        if (!options.LayerNorm) return;
        InputNorm = plain.InputNorm.At(runtime, 2L * shape.GateRows);
        RecurrentNorm = plain.RecurrentNorm.At(runtime, 2L * shape.GateRows);
        CellNorm = plain.CellNorm.At(runtime, 2L * units);
    }

    public LstmSpans(IGpuRuntime runtime, in LstmShape shape, in LstmActivations activations)
    {
        var options = shape.Options;
        var (positions, rows) = ((long)shape.Steps * shape.Rows, (long)shape.Rows);
        var (units, outputs, gateRows) = (shape.Units, shape.Outputs, shape.GateRows);
        CellOutput = NewCells = MaskedHidden = InputNormalized = RecurrentNormalized = CellNormalized = InverseDeviations = GpuSpan.None;
        Bias = Peephole = InputNorm = RecurrentNorm = CellNorm = RowKeys = GpuSpan.None;
        Input = activations.Input.At(runtime, positions * shape.Inputs);
        Gates = activations.Gates.At(runtime, positions * gateRows);
        Cells = activations.Cells.At(runtime, (positions + rows) * units);
        Hidden = activations.Hidden.At(runtime, (positions + rows) * outputs);
        if (options.Projection > 0) CellOutput = activations.CellOutput.At(runtime, positions * units);
        if (options.ZoneoutCell > 0) NewCells = activations.NewCells.At(runtime, positions * units);
        if (options.RecurrentDropout > 0) MaskedHidden = activations.MaskedHidden.At(runtime, positions * outputs);
        if (options.LayerNorm)
        {
            InputNormalized = activations.InputNormalized.At(runtime, positions * gateRows);
            RecurrentNormalized = activations.RecurrentNormalized.At(runtime, positions * gateRows);
            CellNormalized = activations.CellNormalized.At(runtime, positions * units);
            InverseDeviations = activations.InverseDeviations.At(runtime, 3 * positions);
        }

        Pass = activations.Pass;
        Lengths = new GpuLengths(runtime, shape.Batch, Pass);
        if (Pass.Training && options.DrawsMasks)
            RowKeys = (Pass.RowKeys ?? throw new ArgumentException("masks need row keys", nameof(activations))).At(runtime, 2 * rows);
    }

    public readonly GpuSpan Input, Gates, Cells, Hidden, CellOutput, NewCells, MaskedHidden;
    public readonly GpuSpan InputNormalized, RecurrentNormalized, CellNormalized, InverseDeviations;
    public readonly GpuSpan Bias, Peephole, InputNorm, RecurrentNorm, CellNorm, RowKeys;
    public readonly RecurrentPass Pass;
    public readonly GpuLengths Lengths;
}

/// <summary>The gradients of an LSTM's backward pass, their lengths checked; left out where an option is off.</summary>
readonly struct LstmGradientSpans
{
    public LstmGradientSpans(IGpuRuntime runtime, in LstmShape shape, in LstmGradients gradients)
    {
        var (positions, rows) = ((long)shape.Steps * shape.Rows, (long)shape.Rows);
        Input = InputProduct = RecurrentProduct = CellNorm = LaterProduct = GpuSpan.None;
        Output = gradients.Output.At(runtime, positions * shape.Outputs);
        if (!gradients.Input.IsEmpty) Input = gradients.Input.At(runtime, positions * shape.Inputs);
        FinalHidden = gradients.FinalHidden.At(runtime, rows * shape.Outputs);
        FinalCell = gradients.FinalCell.At(runtime, rows * shape.Units);
        if (!gradients.Joint.LaterProduct.IsEmpty) LaterProduct = gradients.Joint.LaterProduct.At(runtime, rows * shape.GateRows);
        LeavesEarlier = gradients.Joint.LeavesEarlier;
        if (!shape.Options.LayerNorm) return;
        InputProduct = gradients.InputProduct.At(runtime, positions * shape.GateRows);
        RecurrentProduct = gradients.RecurrentProduct.At(runtime, positions * shape.GateRows);
        CellNorm = gradients.CellNorm.At(runtime, positions * shape.Units);
    }

    public readonly GpuSpan Output, Input, FinalHidden, FinalCell, InputProduct, RecurrentProduct, CellNorm, LaterProduct;
    public readonly bool LeavesEarlier;
}

/// <summary>Zoneout of one state at one step, as kernels take it (lstm.cl: ZONEOUT).</summary>
/// <param name="Keys">[N,2]; left out when no mask is drawn, so that old and new are mixed by the rate.</param>
/// <param name="Key">Key of the step's masks.</param>
/// <param name="Stream">Stream of the mask.</param>
/// <param name="Rate">0 for no zoneout.</param>
/// <param name="Step">Time step of the batch.</param>
readonly record struct GpuZoneout(GpuSpan Keys, ulong Key, uint Stream, float Rate, int Step)
{
    public bool IsOn => Rate > 0;

    public uint KeyLow => (uint)Key;

    public uint KeyHigh => (uint)(Key >> 32);

    public uint Threshold => new DropoutMask(Rate, 0, 0).Threshold;

    /// <summary>Zoneout of the hidden state.</summary>
    public static GpuZoneout OfHidden(in LstmShape shape, in LstmSpans at, int t) => Of(shape.Options.ZoneoutHidden, shape.Options.MaskStream + 1, at, t);

    /// <summary>Zoneout of the cell.</summary>
    public static GpuZoneout OfCell(in LstmShape shape, in LstmSpans at, int t) => Of(shape.Options.ZoneoutCell, shape.Options.MaskStream + 2, at, t);

    static GpuZoneout Of(float rate, uint stream, in LstmSpans at, int t) => new(at.RowKeys, at.Pass.MaskKey, stream, rate, at.Lengths.StepAt(t));
}
