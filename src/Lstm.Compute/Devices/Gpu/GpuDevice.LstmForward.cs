namespace LstmCluster.Compute.Gpu;

public sealed partial class GpuDevice
{
    static readonly GpuKernel s_lstmDropoutFactors = new("lstm", "lstm_dropout_factors");
    static readonly GpuKernel s_lstmVariantGates = new("lstm", "lstm_variant_gates");
    static readonly GpuKernel s_lstmNormalizedOutput = new("lstm", "lstm_normalized_output");
    static readonly GpuKernel s_lstmHidden = new("lstm", "lstm_hidden");

    /// <inheritdoc/>
    /// <remarks>
    /// The time-independent product once over all T, then one kernel a step, or the recurrent product and two to four kernels with options. Nothing waits in between.
    /// </remarks>
    public void LstmForward(in LstmShape shape, in LstmWeights weights, in LstmActivations activations)
    {
        var kernel = weights.Forward.Of(_runtime, shape.GateRows, shape.Inputs, MatrixUse.Forward);
        var recurrentKernel = weights.RecurrentForward.Of(_runtime, shape.GateRows, shape.Outputs, MatrixUse.Forward);
        var projection = shape.Options.Projection == 0 ? null : weights.ProjectionForward.Of(_runtime, shape.Outputs, shape.Units, MatrixUse.Forward);
        var at = new LstmSpans(_runtime, shape, weights, activations);
        var isPlain = shape.Options.IsPlain && at.Lengths.AreFull;
        InputProduct(shape, kernel, at);
        var factors = DropoutFactors(shape, at, extra: 0);
        for (var turn = 0; turn < shape.Steps; turn++)
        {
            var time = GpuTime.At(turn, shape.Steps, shape.Options.Reverse);
            if (isPlain) PlainStep(shape, recurrentKernel, at, time);
            else VariantStep(shape, recurrentKernel, projection, at, factors, time);
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

    void VariantStep(in LstmShape shape, GpuMatrix recurrentKernel, GpuMatrix? projection, in LstmSpans at, GpuSpan factors, GpuTime time)
    {
        var (options, rows, units, outputs) = (shape.Options, shape.Rows, shape.Units, shape.Outputs);
        var (cells, states) = (rows * units, rows * outputs);
        var gates = at.Gates.From((long)time.T * rows * shape.GateRows);
        var (before, next) = (at.Cells.From((long)time.Before * cells), at.Cells.From((long)time.After * cells));
        var updated = at.NewCells.IsGiven ? at.NewCells.From((long)time.T * cells) : next;
        var cellOutput = at.CellOutput.From((long)time.T * cells);
        var hidden = at.Hidden.From((long)time.After * states);
        var output = cellOutput.IsGiven ? cellOutput : hidden;
        var (step, zoneout) = (at.Lengths.StepAt(time.T), GpuZoneout.OfCell(shape, at, time.T));

        RecurrentProduct(shape, recurrentKernel, at, factors, time);
        Launch(s_lstmVariantGates, GpuGrid.Elements(cells),
        [
            gates, before, updated, next, at.Peephole, options.LayerNorm ? GpuSpan.None : output, cellOutput, at.Lengths.Span, step,
            options.CoupledInputForget, options.CellClip, units, cells,
            zoneout.IsOn, zoneout.Keys, (uint)zoneout.Key, (uint)(zoneout.Key >> 32), zoneout.Stream, zoneout.Threshold, zoneout.Rate, zoneout.Step,
        ]);
        if (options.LayerNorm)
        {
            Launch(s_lstmNormalizedOutput, GpuGrid.Rows(rows),
            [
                gates.From((long)(options.GateCount - 1) * units), shape.GateRows, updated, at.CellNorm, at.CellNormalized.From((long)time.T * cells),
                at.InverseDeviations.From(((3L * time.T) + 2) * rows), output, at.Lengths.Span, step, units, LstmOptions.NormEpsilon,
            ]);
        }

        if (projection is not null) Multiply(cellOutput, rows, projection, hidden, GpuSpan.None, accumulate: false);
        HoldHidden(shape, at, time, hidden);
    }

    /// <summary><c>z += m*h U^T</c>, normalised first if the layer does.</summary>
    void RecurrentProduct(in LstmShape shape, GpuMatrix recurrentKernel, in LstmSpans at, GpuSpan factors, GpuTime time)
    {
        var (rows, gateRows, states) = (shape.Rows, shape.GateRows, shape.Rows * shape.Outputs);
        var h = at.Hidden.From((long)time.Before * states);
        if (at.MaskedHidden.IsGiven)
        {
            var masked = at.MaskedHidden.From((long)time.T * states);
            Launch(s_multiplied, GpuGrid.Elements(states), [h, factors, masked, states]);
            h = masked;
        }

        var first = (long)time.T * rows * gateRows;
        var gates = at.Gates.From(first);
        if (!shape.Options.LayerNorm)
        {
            Multiply(h, rows, recurrentKernel, gates, GpuSpan.None, accumulate: true);
            return;
        }

        var product = at.RecurrentNormalized.From(first);
        Multiply(h, rows, recurrentKernel, product, GpuSpan.None, accumulate: false);
        Normalize(
            product, at.RecurrentNorm, gates, gateRows, product, at.InverseDeviations.From(((3L * time.T) + 1) * rows), gates, rows, gateRows,
            InverseDeviations.InOrder(rows));
    }

    /// <summary>Zoneout of h, or the state of before for a row that has ended.</summary>
    void HoldHidden(in LstmShape shape, in LstmSpans at, GpuTime time, GpuSpan hidden)
    {
        var (zoneout, states) = (GpuZoneout.OfHidden(shape, at, time.T), shape.Rows * shape.Outputs);
        if (at.Lengths.AreFull && !zoneout.IsOn) return;
        Launch(s_lstmHidden, GpuGrid.Elements(states),
        [
            at.Hidden.From((long)time.Before * states), hidden, at.Lengths.Span, at.Lengths.StepAt(time.T), shape.Outputs, states,
            zoneout.IsOn, zoneout.Keys, (uint)zoneout.Key, (uint)(zoneout.Key >> 32), zoneout.Stream, zoneout.Threshold, zoneout.Rate, zoneout.Step,
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
