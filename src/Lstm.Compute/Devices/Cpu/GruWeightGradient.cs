namespace LstmCluster.Compute.Cpu;

/// <summary>Gradients of a GRU's parameters over the rows of one shard.</summary>
static unsafe class GruWeightGradient<V>
    where V : struct, ILanes<V>
{
    /// <param name="shape">T, N, D, H and the direction.</param>
    /// <param name="rows">The shard's rows.</param>
    /// <param name="memory">What forward and backward left.</param>
    /// <param name="gradients">What backward left.</param>
    /// <param name="target">The gradients of the parameters.</param>
    /// <param name="add">True: add to what the targets hold.</param>
    /// <param name="scratch">Working memory.</param>
    public static void Run(
        in RecurrentShape shape, RowRange rows, in GruMemory memory, in GruGradientMemory gradients, in GruParameters target, bool add, Scratch scratch)
    {
        var (batch, units, gateRows) = (shape.Batch, shape.Units, GruMemory.GateCount * shape.Units);
        var before = shape.Reverse ? memory.Hidden + ((nint)shape.Rows * units) : memory.Hidden;
        LinearGradient<V>.Run(
            batch, rows, memory.Gates, gateRows, memory.Input, shape.Inputs, target.Kernel.At((long)gateRows * shape.Inputs), null, 0, null, add, scratch);
        LinearGradient<V>.Run(
            batch, rows, gradients.RecurrentProduct, gateRows, before, units, target.RecurrentKernel.At((long)gateRows * units), null, 0, null, add, scratch);
        LinearGradient<V>.ColumnSums(batch, rows, memory.Gates, gateRows, target.Bias.At(gateRows), add, scratch);
        LinearGradient<V>.ColumnSums(batch, rows, gradients.RecurrentProduct, gateRows, target.RecurrentBias.At(gateRows), add, scratch);
    }
}
