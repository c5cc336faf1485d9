namespace LstmCluster.Compute.Gpu;

public sealed partial class GpuDevice
{
    static readonly GpuKernel s_lstmVariantStepGradient = new("lstm", "lstm_variant_step_gradient");
    static readonly GpuKernel s_lstmHiddenGradient = new("lstm", "lstm_hidden_gradient");
    static readonly GpuKernel s_lstmNormalizedOutputGradient = new("lstm", "lstm_normalized_output_gradient");
    static readonly GpuKernel s_lstmVariantGatesGradient = new("lstm", "lstm_variant_gates_gradient");

    /// <inheritdoc/>
    public void LstmBackward(in LstmShape shape, in LstmWeights weights, in LstmActivations activations, in LstmGradients gradients)
    {
        if (weights.Backward is null || weights.RecurrentBackward is null)
            throw new ArgumentException("the weights were prepared for inference only", nameof(weights));
        var kernel = weights.Backward.Of(_runtime, shape.GateRows, shape.Inputs, MatrixUse.Backward);
        var pass = new LstmBackwardPass(
            weights.RecurrentBackward.Of(_runtime, shape.GateRows, shape.Outputs, MatrixUse.Backward),
            shape.Options.Projection == 0 ? null : weights.ProjectionBackward.Of(_runtime, shape.Outputs, shape.Units, MatrixUse.Backward),
            new LstmSpans(_runtime, shape, weights, activations), new LstmGradientSpans(_runtime, shape, gradients));
        var (at, of) = (pass.At, pass.Of);
        var isPlain = shape.Options.IsPlain && at.Lengths.AreFull;
        pass = pass with { Work = new LstmBackwardWork(shape, isPlain ? GpuSpan.None : DropoutFactors(shape, at, LstmBackwardWork.Length(shape))) };
        ClearPadding(of.Output, at.Lengths, shape.Batch, shape.Outputs);
        if (isPlain) PlainGradient(shape, pass);
        else VariantGradient(shape, pass);
        InputProductGradient(shape, kernel, at, of);
    }

    /// <summary>All steps, from the last one on, one after the other.</summary>
    void VariantGradient(in LstmShape shape, in LstmBackwardPass pass)
    {
        var (at, of, states) = (pass.At, pass.Of, shape.Rows * shape.Outputs);
        var last = of.Output.From((long)GpuTime.At(shape.Steps - 1, shape.Steps, shape.Options.Reverse).T * states);
        if (!of.LaterProduct.IsGiven || Carries(shape, at)) Add(last, of.FinalHidden, states);
        Fill(of.FinalHidden, states);
        if (!shape.Options.LayerNorm && pass.Projection is null)
        {
            VariantStepsGradient(shape, pass);
            return;
        }

        if (of.LaterProduct.IsGiven) BeforeGradient(shape, pass, of.LaterProduct, last);
        for (var turn = shape.Steps - 1; turn >= 0; turn--)
        {
            var time = GpuTime.At(turn, shape.Steps, shape.Options.Reverse);
            var before = turn > 0 ? of.Output.From((long)GpuTime.At(turn - 1, shape.Steps, shape.Options.Reverse).T * states) : of.FinalHidden;
            VariantStepGradient(shape, pass, time, before);
            var product = (shape.Options.LayerNorm ? of.RecurrentProduct : at.Gates).From((long)time.T * shape.Rows * shape.GateRows);
            if (turn > 0 || !of.LeavesEarlier) BeforeGradient(shape, pass, product, before);
        }
    }

    /// <summary>Steps without layer normalisation and projection, each of them one kernel together with the recurrent product of the step after it.</summary>
    void VariantStepsGradient(in LstmShape shape, in LstmBackwardPass pass)
    {
        var (at, of, options, rows, units) = (pass.At, pass.Of, shape.Options, shape.Rows, shape.Units);
        var count = rows * units;
        var (later, factors) = (of.LaterProduct, options.RecurrentDropout > 0 ? pass.Work.Factors : GpuSpan.None);
        for (var turn = shape.Steps - 1; turn >= 0; turn--)
        {
            var time = GpuTime.At(turn, shape.Steps, options.Reverse);
            var gates = at.Gates.From((long)time.T * rows * shape.GateRows);
            var before = turn > 0 ? of.Output.From((long)GpuTime.At(turn - 1, shape.Steps, options.Reverse).T * count) : of.FinalHidden;
            var (cell, state) = (GpuZoneout.OfCell(shape, at, time.T), GpuZoneout.OfHidden(shape, at, time.T));
            Launch(s_lstmVariantStepGradient, GpuGrid.Tiles(rows, units),
            [
                later, pass.RecurrentKernel.Values, factors, gates, at.Cells.From((long)time.Before * count),
                at.NewCells.IsGiven ? at.NewCells.From((long)time.T * count) : at.Cells.From((long)time.After * count), at.Peephole,
                of.Output.From((long)time.T * count), before, of.FinalCell, at.Lengths.Span, at.Lengths.StepAt(time.T), options.CoupledInputForget,
                options.CellClip, rows, units, cell.Keys, cell.KeyLow, cell.KeyHigh, cell.Step, cell.IsOn, cell.Stream, cell.Threshold, cell.Rate, state.IsOn,
                state.Stream, state.Threshold, state.Rate,
            ]);
            later = gates;
        }

        if (later.IsGiven && !of.LeavesEarlier) BeforeGradient(shape, pass, later, of.FinalHidden);
    }

    /// <summary>True when some of dh passes by a step on another way than the recurrent product.</summary>
    static bool Carries(in LstmShape shape, in LstmSpans at) => !at.Lengths.AreFull || shape.Options.ZoneoutHidden > 0;

    /// <summary>All of a step but the recurrent product.</summary>
    void VariantStepGradient(in LstmShape shape, in LstmBackwardPass pass, GpuTime time, GpuSpan before)
    {
        var (at, of, options) = (pass.At, pass.Of, shape.Options);
        var (rows, units, cells, states) = (shape.Rows, shape.Units, shape.Rows * shape.Units, shape.Rows * shape.Outputs);
        var gates = at.Gates.From((long)time.T * rows * shape.GateRows);
        var dh = of.Output.From((long)time.T * states);
        var updated = at.NewCells.IsGiven ? at.NewCells.From((long)time.T * cells) : at.Cells.From((long)time.After * cells);
        var step = at.Lengths.StepAt(time.T);
        if (Carries(shape, at))
        {
            var hidden = GpuZoneout.OfHidden(shape, at, time.T);
            Launch(s_lstmHiddenGradient, GpuGrid.Elements(states),
            [
                dh, pass.Work.Carry, at.Lengths.Span, step, shape.Outputs, states,
                hidden.Keys, hidden.KeyLow, hidden.KeyHigh, hidden.Step, hidden.IsOn, hidden.Stream, hidden.Threshold, hidden.Rate,
            ]);
        }

        var dCellOutput = dh;
        if (pass.Projection is not null)
        {
            dCellOutput = pass.Work.CellOutput;
            Multiply(dh, rows, pass.Projection, dCellOutput, GpuSpan.None, accumulate: false);
        }

        if (options.LayerNorm)
        {
            Launch(s_lstmNormalizedOutputGradient, GpuGrid.Rows(rows),
            [
                gates.From((long)(options.GateCount - 1) * units), shape.GateRows, at.CellNorm, at.CellNormalized.From((long)time.T * cells),
                at.InverseDeviations.From(((3L * time.T) + 2) * rows), dCellOutput, of.CellNorm.From((long)time.T * cells), pass.Work.Normalized,
                at.Lengths.Span, step, units,
            ]);
        }

        var zoneout = GpuZoneout.OfCell(shape, at, time.T);
        Launch(s_lstmVariantGatesGradient, GpuGrid.Elements(cells),
        [
            gates, at.Cells.From((long)time.Before * cells), updated, at.Peephole, options.LayerNorm ? pass.Work.Normalized : GpuSpan.None, dCellOutput,
            of.FinalCell, at.Lengths.Span, step, options.CoupledInputForget, options.CellClip, units, cells,
            zoneout.Keys, zoneout.KeyLow, zoneout.KeyHigh, zoneout.Step, zoneout.IsOn, zoneout.Stream, zoneout.Threshold, zoneout.Rate,
        ]);
        if (Carries(shape, at)) Add(before, pass.Work.Carry, states);
        if (!options.LayerNorm) return;
        var first = (long)time.T * rows * shape.GateRows;
        NormalizeGradient(
            at.RecurrentNormalized.From(first), at.InverseDeviations.From(((3L * time.T) + 1) * rows), at.RecurrentNorm, gates,
            of.RecurrentProduct.From(first), rows, shape.GateRows, InverseDeviations.InOrder(rows));
    }

    /// <summary><c>dh += m*(dp U)</c> for the step before, dp the gradient of the recurrent product.</summary>
    void BeforeGradient(in LstmShape shape, in LstmBackwardPass pass, GpuSpan product, GpuSpan before)
    {
        if (shape.Options.RecurrentDropout == 0)
        {
            Multiply(product, shape.Rows, pass.RecurrentKernel, before, GpuSpan.None, accumulate: true);
            return;
        }

        var states = shape.Rows * shape.Outputs;
        Multiply(product, shape.Rows, pass.RecurrentKernel, pass.Work.Product, GpuSpan.None, accumulate: false);
        Launch(s_multiplyAdded, GpuGrid.Elements(states), [pass.Work.Product, pass.Work.Factors, before, states]);
    }

    /// <summary><c>dx = dz W</c>, or of the product before normalisation, for all time steps.</summary>
    void InputProductGradient(in LstmShape shape, GpuMatrix kernel, in LstmSpans at, in LstmGradientSpans of)
    {
        var (positions, left) = (shape.Steps * shape.Rows, at.Gates);
        if (shape.Options.LayerNorm)
        {
            left = of.InputProduct;
            NormalizeGradient(
                at.InputNormalized, at.InverseDeviations, at.InputNorm, at.Gates, left, positions, shape.GateRows, InverseDeviations.OfLstm(shape.Rows));
        }

        if (of.Input.IsGiven) Multiply(left, positions, kernel, of.Input, GpuSpan.None, accumulate: false);
    }

    /// <summary>What all steps of a backward pass share.</summary>
    readonly record struct LstmBackwardPass(GpuMatrix RecurrentKernel, GpuMatrix? Projection, LstmSpans At, LstmGradientSpans Of)
    {
        public LstmBackwardWork Work { get; init; }
    }

    /// <summary>Working memory of a backward pass with options.</summary>
    readonly struct LstmBackwardWork
    {
        /// <param name="shape">The layer.</param>
        /// <param name="memory">Dropout factors, where they are needed, then <see cref="Length"/> elements.</param>
        public LstmBackwardWork(in LstmShape shape, GpuSpan memory)
        {
            var (states, cells) = (shape.Rows * shape.Outputs, shape.Rows * shape.Units);
            Factors = memory;
            Carry = shape.Options.RecurrentDropout > 0 ? memory.From(states) : memory;
            Product = Carry.From(states);
            CellOutput = Product.From(states);
            Normalized = CellOutput.From(cells);
        }

        public static long Length(in LstmShape shape) => 2L * shape.Rows * (shape.Outputs + shape.Units);

        /// <summary>Factors of recurrent dropout, part of dh that passes by, gradient of the masked h, all [N,P]; of h~ and of the cell, [N,H].</summary>
        public readonly GpuSpan Factors, Carry, Product, CellOutput, Normalized;
    }
}
