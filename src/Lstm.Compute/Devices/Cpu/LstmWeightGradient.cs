namespace LstmCluster.Compute.Cpu;

/// <summary>Gradients of an LSTM's parameters over the rows of one shard.</summary>
static unsafe class LstmWeightGradient<V>
    where V : struct, ILanes<V>
{
    /// <param name="shape">T, N, D, H and the options.</param>
    /// <param name="rows">The shard's rows.</param>
    /// <param name="memory">What forward and backward left.</param>
    /// <param name="gradients">What backward left.</param>
    /// <param name="target">The gradients of the parameters.</param>
    /// <param name="add">True: add to what the targets hold.</param>
    /// <param name="scratch">Working memory.</param>
    public static void Run(
        in LstmShape shape, RowRange rows, in LstmMemory memory, in LstmGradientMemory gradients, in LstmParameters target, bool add, Scratch scratch)
    {
        var (batch, options, units, gateRows) = (shape.Batch, shape.Options, shape.Units, shape.GateRows);
        var kernel = target.Kernel.At((long)gateRows * shape.Inputs);
        var recurrentKernel = target.RecurrentKernel.At((long)gateRows * shape.Outputs);
        var hidden = memory.MaskedHidden != null ? memory.MaskedHidden : Before(memory.Hidden, shape, shape.Outputs);
        if (options.LayerNorm)
        {
            LinearGradient<V>.Run(batch, rows, gradients.InputProduct, gateRows, memory.Input, shape.Inputs, kernel, null, 0, null, add, scratch);
            LinearGradient<V>.Run(batch, rows, gradients.RecurrentProduct, gateRows, hidden, shape.Outputs, recurrentKernel, null, 0, null, add, scratch);
            Norm(batch, rows, memory.Gates, memory.InputNormalized, gateRows, target.InputNorm.At(2L * gateRows), add, scratch);
            Norm(batch, rows, memory.Gates, memory.RecurrentNormalized, gateRows, target.RecurrentNorm.At(2L * gateRows), add, scratch);
            Norm(batch, rows, gradients.CellNorm, memory.CellNormalized, units, target.CellNorm.At(2L * units), add, scratch);
        }
        else
        {
            LinearGradient<V>.Run(
                batch, rows, memory.Gates, gateRows, memory.Input, shape.Inputs, kernel, hidden, shape.Outputs, recurrentKernel, add, scratch);
        }

        LinearGradient<V>.ColumnSums(batch, rows, memory.Gates, gateRows, target.Bias.At(gateRows), add, scratch);
        if (options.Peephole) Peephole(shape, rows, memory, target.Peephole.At((long)(options.GateCount - 1) * units), add, scratch);
        if (options.Projection > 0)
        {
            LinearGradient<V>.Run(
                batch, rows, gradients.Output, shape.Outputs, memory.CellOutput, units, target.Projection.At((long)shape.Outputs * units),
                null, 0, null, add, scratch);
        }
    }

    /// <summary>The states before each step, as [T,N,width].</summary>
    static float* Before(float* states, in LstmShape shape, int width) => shape.Options.Reverse ? states + ((nint)shape.Rows * width) : states;

    static void Norm(BatchShape batch, RowRange rows, float* dy, float* normalized, int width, float* gainAndShift, bool add, Scratch scratch)
    {
        ProductSums(batch, rows, dy, width, normalized, width, gainAndShift, add, scratch);
        LinearGradient<V>.ColumnSums(batch, rows, dy, width, gainAndShift + width, add, scratch);
    }

    /// <summary>i and f see the cell before, o the new one.</summary>
    static void Peephole(in LstmShape shape, RowRange rows, in LstmMemory memory, float* gradient, bool add, Scratch scratch)
    {
        var (batch, units, gateRows) = (shape.Batch, shape.Units, shape.GateRows);
        var gates = shape.Options.GateCount;
        var before = Before(memory.Cells, shape, units);
        var after = memory.NewCells != null ? memory.NewCells : shape.Options.Reverse ? memory.Cells : memory.Cells + ((nint)shape.Rows * units);
        ProductSums(batch, rows, memory.Gates, gateRows, before, units, gradient, add, scratch);
        if (gates == 4) ProductSums(batch, rows, memory.Gates + units, gateRows, before, units, gradient + units, add, scratch);
        ProductSums(batch, rows, memory.Gates + ((nint)(gates - 1) * units), gateRows, after, units, gradient + ((nint)(gates - 2) * units), add, scratch);
    }

    /// <summary><c>sums = sum over (t,n) of a*b</c>, feature by feature, in that order.</summary>
    static void ProductSums(
        BatchShape shape, RowRange rows, float* a, int aWidth, float* b, int width, float* sums, bool add, Scratch scratch)
    {
        var total = add ? scratch.Floats(width) : sums;
        new Span<float>(total, width).Clear();
        for (var t = 0; t < shape.Steps; t++)
        {
            for (var n = rows.First; n < rows.First + rows.Count; n++)
            {
                var position = ((nint)t * shape.Rows) + n;
                Elementwise.Run<V, MultiplyAdded>(new(a + (position * aWidth), b + (position * width), total), width);
            }
        }

        if (add) Elementwise.Run<V, AddKernel>(new(sums, total), width);
    }
}
