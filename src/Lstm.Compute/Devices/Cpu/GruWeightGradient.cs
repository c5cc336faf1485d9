namespace LstmCluster.Compute.Cpu;

/// <summary>Gradients of a GRU's parameters over the rows of one shard.</summary>
static unsafe class GruWeightGradient<V>
    where V : struct, ILanes<V>
{
    /// <param name="shape">T, N, D, H and the direction.</param>
    /// <param name="over">The positions.</param>
    /// <param name="memory">What forward and backward left.</param>
    /// <param name="gradients">What backward left.</param>
    /// <param name="target">The gradients of the parameters.</param>
    /// <param name="scratch">Working memory.</param>
    public static void Run(
        in RecurrentShape shape, in SummedRows over, in GruMemory memory, in GruGradientMemory gradients, in GruParameters target, Scratch scratch)
    {
        var (units, gateRows) = (shape.Units, GruMemory.GateCount * shape.Units);
        var before = shape.Reverse ? memory.Hidden + ((nint)shape.Rows * units) : memory.Hidden;
        LinearGradient<V>.Run(
            over, memory.Gates, gateRows, memory.Input, shape.Inputs, target.Kernel.At((long)gateRows * shape.Inputs), null, 0, null, scratch);
        LinearGradient<V>.Run(
            over, gradients.RecurrentProduct, gateRows, before, units, target.RecurrentKernel.At((long)gateRows * units), null, 0, null, scratch);
        LinearGradient<V>.ColumnSums(over, memory.Gates, gateRows, target.Bias.At(gateRows), scratch);
        LinearGradient<V>.ColumnSums(over, gradients.RecurrentProduct, gateRows, target.RecurrentBias.At(gateRows), scratch);
    }
}
