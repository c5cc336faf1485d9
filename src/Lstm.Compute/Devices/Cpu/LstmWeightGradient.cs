namespace LstmCluster.Compute.Cpu;

/// <summary>Gradients of an LSTM's parameters over the rows of one shard.</summary>
static unsafe class LstmWeightGradient<V>
    where V : struct, ILanes<V>
{
    /// <param name="shape">T, N, D, H and the options.</param>
    /// <param name="over">The positions.</param>
    /// <param name="memory">What forward and backward left.</param>
    /// <param name="gradients">What backward left.</param>
    /// <param name="target">The gradients of the parameters.</param>
    /// <param name="scratch">Working memory.</param>
    public static void Run(
        in LstmShape shape, in SummedRows over, in LstmMemory memory, in LstmGradientMemory gradients, in LstmParameters target, Scratch scratch)
    {
        var (options, units, gateRows) = (shape.Options, shape.Units, shape.GateRows);
        var kernel = target.Kernel.At((long)gateRows * shape.Inputs);
        var recurrentKernel = target.RecurrentKernel.At((long)gateRows * shape.Outputs);
        var hidden = memory.MaskedHidden != null ? memory.MaskedHidden : Before(memory.Hidden, shape, shape.Outputs);
        if (options.LayerNorm)
        {
            LinearGradient<V>.Run(over, gradients.InputProduct, gateRows, memory.Input, shape.Inputs, kernel, null, 0, null, scratch);
            LinearGradient<V>.Run(over, gradients.RecurrentProduct, gateRows, hidden, shape.Outputs, recurrentKernel, null, 0, null, scratch);
            Norm(over, memory.Gates, memory.InputNormalized, gateRows, target.InputNorm.At(2L * gateRows), scratch);
            Norm(over, memory.Gates, memory.RecurrentNormalized, gateRows, target.RecurrentNorm.At(2L * gateRows), scratch);
            Norm(over, gradients.CellNorm, memory.CellNormalized, units, target.CellNorm.At(2L * units), scratch);
        }
        else
        {
            LinearGradient<V>.Run(
                over, memory.Gates, gateRows, memory.Input, shape.Inputs, kernel, hidden, shape.Outputs, recurrentKernel, scratch);
        }

        LinearGradient<V>.ColumnSums(over, memory.Gates, gateRows, target.Bias.At(gateRows), scratch);
        if (options.Peephole) Peephole(shape, over, memory, target.Peephole.At((long)(options.GateCount - 1) * units), scratch);
        if (options.Projection > 0)
        {
            LinearGradient<V>.Run(
                over, gradients.Output, shape.Outputs, memory.CellOutput, units, target.Projection.At((long)shape.Outputs * units),
                null, 0, null, scratch);
        }
    }

    /// <summary>The states before each step, as [T,N,width].</summary>
    static float* Before(float* states, in LstmShape shape, int width) => shape.Options.Reverse ? states + ((nint)shape.Rows * width) : states;

    static void Norm(in SummedRows over, float* dy, float* normalized, int width, float* gainAndShift, Scratch scratch)
    {
        LinearGradient<V>.ProductSums(over, dy, width, normalized, width, gainAndShift, scratch);
        LinearGradient<V>.ColumnSums(over, dy, width, gainAndShift + width, scratch);
    }

    /// <summary>i and f see the cell before, o the new one.</summary>
    static void Peephole(in LstmShape shape, in SummedRows over, in LstmMemory memory, float* gradient, Scratch scratch)
    {
        var (units, gateRows) = (shape.Units, shape.GateRows);
        var gates = shape.Options.GateCount;
        var before = Before(memory.Cells, shape, units);
        var after = memory.NewCells != null ? memory.NewCells : shape.Options.Reverse ? memory.Cells : memory.Cells + ((nint)shape.Rows * units);
        LinearGradient<V>.ProductSums(over, memory.Gates, gateRows, before, units, gradient, scratch);
        if (gates == 4) LinearGradient<V>.ProductSums(over, memory.Gates + units, gateRows, before, units, gradient + units, scratch);
        LinearGradient<V>.ProductSums(over, memory.Gates + ((nint)(gates - 1) * units), gateRows, after, units, gradient + ((nint)(gates - 2) * units), scratch);
    }
}
