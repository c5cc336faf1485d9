namespace LstmCluster.Compute.Gpu;

public sealed partial class GpuDevice
{
    static readonly GpuKernel s_lstmDropoutFactors = new("lstm", "lstm_dropout_factors");
    static readonly GpuKernel s_lstmVariantStep = new("lstm", "lstm_variant_step");
    static readonly GpuKernel s_lstmVariantGates = new("lstm", "lstm_variant_gates");
    static readonly GpuKernel s_lstmNormalizedOutput = new("lstm", "lstm_normalized_output");
    static readonly GpuKernel s_lstmHidden = new("lstm", "lstm_hidden");

    /// <inheritdoc/>
    /// <remarks>
    /// The time-independent product once over all T, then one kernel for all steps or for each of them; with projection or layer
    /// normalisation a few kernels a step. Nothing waits in between.
    /// </remarks>
    public void LstmForward(in LstmShape shape, in LstmWeights weights, in LstmActivations activations)
    {
        var kernel = weights.Forward.Of(_runtime, shape.GateRows, shape.Inputs, MatrixUse.Forward);
        var recurrentKernel = weights.RecurrentForward.Of(_runtime, shape.GateRows, shape.Outputs, MatrixUse.Forward);
        var projection = shape.Options.Projection == 0 ? null : weights.ProjectionForward.Of(_runtime, shape.Outputs, shape.Units, MatrixUse.Forward);
        var at = new LstmSpans(_runtime, shape, weights, activations);
        var isPlain = shape.Options.IsPlain && at.Lengths.AreFull;
        InputProduct(shape, kernel, at);
        if (isPlain)
        {
            PlainSteps(shape, recurrentKernel, at);
            return;
        }

        var factors = DropoutFactors(shape, at, extra: 0);
        for (var turn = 0; turn < shape.Steps; turn++)
        {
            if (shape.Options.LayerNorm) NormalizedStep(shape, recurrentKernel, projection, at, factors, GpuTime.At(turn, shape.Steps, shape.Options.Reverse));
            else VariantStep(shape, recurrentKernel, projection, at, factors, turn);
        }
    }

    /// <summary><c>z = x W^T + b</c>, or with layer normalisation <c>z = LN(x W^T) + b</c>, for all time steps.</summary>
    void InputProduct(in LstmShape shape, GpuMatrix kernel, in LstmSpans at)
    {
        var (positions, gateRows) = (shape.Steps * shape.Rows, shape.GateRows);
        if (!shape.Options.LayerNorm)
        {
            Multiply(at.Input, positions, kernel, at.Gates, at.Bias, accumulate: false);
            return;
        }

        Multiply(at.Input, positions, kernel, at.InputNormalized, GpuSpan.None, accumulate: false);
        Normalize(
            at.InputNormalized, at.InputNorm, at.Bias, 0, at.InputNormalized, at.InverseDeviations, at.Gates, positions, gateRows,
            InverseDeviations.OfLstm(shape.Rows));
    }

    /// <summary>A step without layer normalisation: one kernel, and what follows a projection.</summary>
    void VariantStep(in LstmShape shape, GpuMatrix recurrentKernel, GpuMatrix? projection, in LstmSpans at, GpuSpan factors, int turn)
    {
        var (options, rows, units, outputs) = (shape.Options, shape.Rows, shape.Units, shape.Outputs);
        var (cells, states) = (rows * units, rows * outputs);
        var time = GpuTime.At(turn, shape.Steps, options.Reverse);
        var (before, next) = (at.Cells.From((long)time.Before * cells), at.Cells.From((long)time.After * cells));
        var (hidden, nextHidden) = (at.Hidden.From((long)time.Before * states), at.Hidden.From((long)time.After * states));
        var cellOutput = at.CellOutput.From((long)time.T * cells);

        // Each step makes the masked state of the next one, unless a projection comes in between.
        if (at.MaskedHidden.IsGiven && (turn == 0 || projection is not null)) MaskHidden(shape, at, factors, time);
        var nextMasked = projection is null && turn + 1 < shape.Steps ? at.MaskedHidden.From((long)GpuTime.At(turn + 1, shape.Steps, options.Reverse).T * states) : GpuSpan.None;
        var (cell, state) = (GpuZoneout.OfCell(shape, at, time.T), GpuZoneout.OfHidden(shape, at, time.T));
        Launch(s_lstmVariantStep, GpuGrid.UnitTiles(rows, units),
        [
            at.MaskedHidden.IsGiven ? at.MaskedHidden.From((long)time.T * states) : hidden, recurrentKernel.Values,
            at.Gates.From((long)time.T * rows * shape.GateRows), before, at.NewCells.IsGiven ? at.NewCells.From((long)time.T * cells) : next, next, at.Peephole,
            hidden, nextHidden, cellOutput, factors, nextMasked, at.Lengths.Span,
            at.Lengths.StepAt(time.T), options.CoupledInputForget, options.CellClip, rows, outputs, units,
            cell.Keys, cell.KeyLow, cell.KeyHigh, cell.Step, cell.IsOn, cell.Stream, cell.Threshold, cell.Rate, state.IsOn, state.Stream, state.Threshold, state.Rate,
        ]);
        if (projection is null) return;
        Multiply(cellOutput, rows, projection, nextHidden, GpuSpan.None, accumulate: false);
        HoldHidden(shape, at, time, nextHidden);
    }

    /// <summary>A step with layer normalisation of the recurrent product and of the cell.</summary>
    void NormalizedStep(in LstmShape shape, GpuMatrix recurrentKernel, GpuMatrix? projection, in LstmSpans at, GpuSpan factors, GpuTime time)
    {
        var (options, rows, units, outputs) = (shape.Options, shape.Rows, shape.Units, shape.Outputs);
        var (cells, states, gateRows) = (rows * units, rows * outputs, shape.GateRows);
        var first = (long)time.T * rows * gateRows;
        var (gates, product) = (at.Gates.From(first), at.RecurrentNormalized.From(first));
        var (before, next) = (at.Cells.From((long)time.Before * cells), at.Cells.From((long)time.After * cells));
        var updated = at.NewCells.IsGiven ? at.NewCells.From((long)time.T * cells) : next;
        var cellOutput = at.CellOutput.From((long)time.T * cells);
        var hidden = at.Hidden.From((long)time.After * states);
        var (step, zoneout) = (at.Lengths.StepAt(time.T), GpuZoneout.OfCell(shape, at, time.T));

        if (at.MaskedHidden.IsGiven) MaskHidden(shape, at, factors, time);
        Multiply(
            at.MaskedHidden.IsGiven ? at.MaskedHidden.From((long)time.T * states) : at.Hidden.From((long)time.Before * states), rows, recurrentKernel, product,
            GpuSpan.None, accumulate: false);
        Normalize(
            product, at.RecurrentNorm, gates, gateRows, product, at.InverseDeviations.From(((3L * time.T) + 1) * rows), gates, rows, gateRows,
            InverseDeviations.InOrder(rows));
        Launch(s_lstmVariantGates, GpuGrid.Elements(cells),
        [
            gates, before, updated, next, at.Peephole, cellOutput, at.Lengths.Span, step, options.CoupledInputForget, options.CellClip, units, cells,
            zoneout.Keys, zoneout.KeyLow, zoneout.KeyHigh, zoneout.Step, zoneout.IsOn, zoneout.Stream, zoneout.Threshold, zoneout.Rate,
        ]);
        Launch(s_lstmNormalizedOutput, GpuGrid.Rows(rows),
        [
            gates.From((long)(options.GateCount - 1) * units), gateRows, updated, at.CellNorm, at.CellNormalized.From((long)time.T * cells),
            at.InverseDeviations.From(((3L * time.T) + 2) * rows), cellOutput.IsGiven ? cellOutput : hidden, at.Lengths.Span, step, units, LstmOptions.NormEpsilon,
        ]);
        if (projection is not null) Multiply(cellOutput, rows, projection, hidden, GpuSpan.None, accumulate: false);
        HoldHidden(shape, at, time, hidden);
    }

    /// <summary>What recurrent dropout leaves of the hidden state before a step.</summary>
    void MaskHidden(in LstmShape shape, in LstmSpans at, GpuSpan factors, GpuTime time)
    {
        var states = shape.Rows * shape.Outputs;
        Launch(s_multiplied, GpuGrid.Elements(states), [at.Hidden.From((long)time.Before * states), factors, at.MaskedHidden.From((long)time.T * states), states]);
    }

    /// <summary>Zoneout of h, or the state of before for a row that has ended.</summary>
    void HoldHidden(in LstmShape shape, in LstmSpans at, GpuTime time, GpuSpan hidden)
    {
        var (zoneout, states) = (GpuZoneout.OfHidden(shape, at, time.T), shape.Rows * shape.Outputs);
        if (at.Lengths.AreFull && !zoneout.IsOn) return;
        Launch(s_lstmHidden, GpuGrid.Elements(states),
        [
            at.Hidden.From((long)time.Before * states), hidden, at.Lengths.Span, at.Lengths.StepAt(time.T), shape.Outputs, states,
            zoneout.Keys, zoneout.KeyLow, zoneout.KeyHigh, zoneout.Step, zoneout.IsOn, zoneout.Stream, zoneout.Threshold, zoneout.Rate,
        ]);
    }

    /// <summary>[N,P] factors of recurrent dropout in working memory, left out without it; what is <paramref name="extra"/> stands behind them.</summary>
    GpuSpan DropoutFactors(in LstmShape shape, in LstmSpans at, long extra)
    {
        var (options, states) = (shape.Options, shape.Rows * shape.Outputs);
        if (options.RecurrentDropout == 0) return _scratch.Take(extra);
        var factors = _scratch.Take(states + extra);
        var mask = new DropoutMask(options.RecurrentDropout, at.Pass.MaskKey, options.MaskStream);
        Launch(s_lstmDropoutFactors, GpuGrid.Elements(states),
            [factors, at.RowKeys, (uint)mask.Key, (uint)(mask.Key >> 32), mask.Stream, mask.Threshold, mask.KeptScale, shape.Outputs, states]);
        return factors;
    }
}
