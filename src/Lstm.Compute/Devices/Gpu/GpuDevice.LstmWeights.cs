namespace LstmCluster.Compute.Gpu;

public sealed partial class GpuDevice
{
    /// <inheritdoc/>
    public void LstmWeightGradient(
        in LstmShape shape, RowRange rows, in LstmActivations activations, in LstmGradients gradients, in LstmParameters parameters, Summation sum)
    {
        Check(rows, shape.Rows);
        var (options, units, gateRows) = (shape.Options, shape.Units, shape.GateRows);
        var (at, of) = (new LstmSpans(_runtime, shape, activations), new LstmGradientSpans(_runtime, shape, gradients));
        var kernel = At(parameters.Kernel, (long)gateRows * shape.Inputs);
        var recurrentKernel = At(parameters.RecurrentKernel, (long)gateRows * shape.Outputs);
        var bias = At(parameters.Bias, gateRows);
        var over = new GpuPositions(shape.Batch, rows, sum, LastFirst: !options.Reverse);
        var hidden = at.MaskedHidden.IsGiven ? at.MaskedHidden : Before(at.Hidden, shape, shape.Outputs);

        Gradient(over, options.LayerNorm ? of.InputProduct : at.Gates, gateRows, at.Input, shape.Inputs, kernel);
        Gradient(over, options.LayerNorm ? of.RecurrentProduct : at.Gates, gateRows, hidden, shape.Outputs, recurrentKernel);
        ColumnSums(over, at.Gates, gateRows, GpuSpan.None, gateRows, bias);
        if (options.LayerNorm)
        {
            NormSums(over, at.Gates, at.InputNormalized, gateRows, At(parameters.InputNorm, 2L * gateRows));
            NormSums(over, at.Gates, at.RecurrentNormalized, gateRows, At(parameters.RecurrentNorm, 2L * gateRows));
            NormSums(over, of.CellNorm, at.CellNormalized, units, At(parameters.CellNorm, 2L * units));
        }

        if (options.Peephole) PeepholeGradient(shape, over, at, At(parameters.Peephole, (long)(options.GateCount - 1) * units));
        if (options.Projection > 0)
            Gradient(over, of.Output, shape.Outputs, at.CellOutput, units, At(parameters.Projection, (long)shape.Outputs * units));
    }

    /// <summary>The states before each step, as [T,N,width].</summary>
    static GpuSpan Before(GpuSpan states, in LstmShape shape, int width) => shape.Options.Reverse ? states.From((long)shape.Rows * width) : states;

    /// <summary>i and f see the cell before, o the new one.</summary>
    void PeepholeGradient(in LstmShape shape, in GpuPositions over, in LstmSpans at, GpuSpan gradient)
    {
        var (units, gateRows, gates) = (shape.Units, shape.GateRows, shape.Options.GateCount);
        var before = Before(at.Cells, shape, units);
        var after = at.NewCells.IsGiven ? at.NewCells : shape.Options.Reverse ? at.Cells : at.Cells.From((long)shape.Rows * units);
        ColumnSums(over, at.Gates, gateRows, before, units, gradient);
        if (gates == 4) ColumnSums(over, at.Gates.From(units), gateRows, before, units, gradient.From(units));
        ColumnSums(over, at.Gates.From((long)(gates - 1) * units), gateRows, after, units, gradient.From((long)(gates - 2) * units));
    }
}
