namespace LstmCluster.Compute.Cpu;

/// <summary>GRU and RNN.</summary>
sealed unsafe partial class CpuDevice<V>
{
    public override void GruForward(in RecurrentShape shape, in GruWeights weights, in GruActivations activations)
    {
        Check(weights.Forward, GruMemory.GateCount * shape.Units, shape.Inputs);
        Check(weights.RecurrentForward, GruMemory.GateCount * shape.Units, shape.Units);
        GruForward<V>.Run(shape, Panels(weights.Forward), Panels(weights.RecurrentForward), new GruMemory(shape, weights, activations), Scratch);
    }

    public override void GruBackward(in RecurrentShape shape, in GruWeights weights, in GruActivations activations, in GruGradients gradients)
    {
        if (weights.Backward is null || weights.RecurrentBackward is null)
            throw new ArgumentException("the weights were prepared for inference only", nameof(weights));
        Check(weights.Backward, GruMemory.GateCount * shape.Units, shape.Inputs);
        Check(weights.RecurrentBackward, GruMemory.GateCount * shape.Units, shape.Units);
        GruBackward<V>.Run(
            shape, Panels(weights.Backward), Panels(weights.RecurrentBackward), new GruMemory(shape, activations),
            new GruGradientMemory(shape, gradients), Scratch);
    }

    public override void GruWeightGradient(
        in RecurrentShape shape, RowRange rows, in GruActivations activations, in GruGradients gradients, in GruParameters parameters, Summation sum)
    {
        Check(rows, shape.Rows);
        GruWeightGradient<V>.Run(
            shape, SummedRows.InSegments(shape, rows, sum), new GruMemory(shape, activations), new GruGradientMemory(shape, gradients), parameters, Scratch);
    }

    public override void RnnForward(in RecurrentShape shape, in RnnWeights weights, in RnnActivations activations)
    {
        Check(weights.Forward, shape.Units, shape.Inputs);
        Check(weights.RecurrentForward, shape.Units, shape.Units);
        RnnForward<V>.Run(
            shape, Panels(weights.Forward), Panels(weights.RecurrentForward), weights.Plain.Bias.At(shape.Units), new RnnMemory(shape, activations),
            Scratch);
    }

    public override void RnnBackward(in RecurrentShape shape, in RnnWeights weights, in RnnActivations activations, in RnnGradients gradients)
    {
        if (weights.Backward is null || weights.RecurrentBackward is null)
            throw new ArgumentException("the weights were prepared for inference only", nameof(weights));
        Check(weights.Backward, shape.Units, shape.Inputs);
        Check(weights.RecurrentBackward, shape.Units, shape.Units);
        RnnBackward<V>.Run(
            shape, Panels(weights.Backward), Panels(weights.RecurrentBackward), new RnnMemory(shape, activations),
            new RnnGradientMemory(shape, gradients), Scratch);
    }

    public override void RnnWeightGradient(
        in RecurrentShape shape, RowRange rows, in RnnActivations activations, in RnnGradients gradients, in RnnParameters parameters, Summation sum)
    {
        Check(rows, shape.Rows);
        var (units, memory, over) = (shape.Units, new RnnMemory(shape, activations), SummedRows.InSegments(shape, rows, sum));
        var da = gradients.Output.At((long)shape.Steps * shape.Rows * units);
        LinearGradient<V>.Run(
            over, da, units, memory.Input, shape.Inputs, parameters.Kernel.At((long)units * shape.Inputs),
            memory.HiddenBefore, units, parameters.RecurrentKernel.At((long)units * units), Scratch);
        LinearGradient<V>.ColumnSums(over, da, units, parameters.Bias.At(units), Scratch);
    }
}
