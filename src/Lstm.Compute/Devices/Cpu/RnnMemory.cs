namespace LstmCluster.Compute.Cpu;

/// <summary>The operands of an RNN as pointers, their lengths checked. Shapes stand at <see cref="RnnActivations"/>.</summary>
readonly unsafe struct RnnMemory
{
    public RnnMemory(in RecurrentShape shape, in RnnActivations activations)
    {
        var (positions, rows) = ((long)shape.Steps * shape.Rows, (long)shape.Rows);
        var state = (nint)shape.Rows * shape.Units;
        Input = activations.Input.At(positions * shape.Inputs);
        Hidden = activations.Hidden.At((positions + rows) * shape.Units);
        HiddenBefore = shape.Reverse ? Hidden + state : Hidden;
        Output = shape.Reverse ? Hidden : Hidden + state;
        Lengths = new RowLengths(shape.Batch, activations.Pass);
    }

    /// <summary>The states before each step and after it, both [T,N,H].</summary>
    public readonly float* HiddenBefore, Output;

    public readonly float* Input, Hidden;
    public readonly RowLengths Lengths;
}

/// <summary>The gradients of an RNN's backward pass as pointers, their lengths checked.</summary>
readonly unsafe struct RnnGradientMemory
{
    public RnnGradientMemory(in RecurrentShape shape, in RnnGradients gradients)
    {
        var (positions, rows) = ((long)shape.Steps * shape.Rows, (long)shape.Rows);
        Output = gradients.Output.At(positions * shape.Units);
        if (!gradients.Input.IsEmpty) Input = gradients.Input.At(positions * shape.Inputs);
        FinalHidden = gradients.FinalHidden.At(rows * shape.Units);
        if (!gradients.Joint.LaterProduct.IsEmpty) LaterProduct = gradients.Joint.LaterProduct.At(rows * shape.Units);
        LeavesEarlier = gradients.Joint.LeavesEarlier;
    }

    public readonly float* Output, Input, FinalHidden, LaterProduct;
    public readonly bool LeavesEarlier;
}
