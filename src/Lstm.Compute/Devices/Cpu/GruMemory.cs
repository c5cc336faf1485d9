namespace LstmCluster.Compute.Cpu;

/// <summary>The operands of a GRU as pointers, their lengths checked. Shapes stand at <see cref="GruActivations"/>.</summary>
readonly unsafe struct GruMemory
{
    /// <summary>Gates of a GRU: r, z, n.</summary>
    public const int GateCount = 3;

    public GruMemory(in RecurrentShape shape, in GruWeights weights, in GruActivations activations)
        : this(shape, activations)
    {
        Bias = weights.Plain.Bias.At((long)GateCount * shape.Units);
        RecurrentBias = weights.Plain.RecurrentBias.At((long)GateCount * shape.Units);
    }

    public GruMemory(in RecurrentShape shape, in GruActivations activations)
    {
        var (positions, rows) = ((long)shape.Steps * shape.Rows, (long)shape.Rows);
        Input = activations.Input.At(positions * shape.Inputs);
        Gates = activations.Gates.At(positions * GateCount * shape.Units);
        CandidateProduct = activations.CandidateProduct.At(positions * shape.Units);
        Hidden = activations.Hidden.At((positions + rows) * shape.Units);
        Lengths = new RowLengths(shape.Batch, activations.Pass);
    }

    public readonly float* Input, Gates, CandidateProduct, Hidden, Bias, RecurrentBias;
    public readonly RowLengths Lengths;
}

/// <summary>The gradients of a GRU's backward pass as pointers, their lengths checked.</summary>
readonly unsafe struct GruGradientMemory
{
    public GruGradientMemory(in RecurrentShape shape, in GruGradients gradients)
    {
        var (positions, rows) = ((long)shape.Steps * shape.Rows, (long)shape.Rows);
        Output = gradients.Output.At(positions * shape.Units);
        if (!gradients.Input.IsEmpty) Input = gradients.Input.At(positions * shape.Inputs);
        FinalHidden = gradients.FinalHidden.At(rows * shape.Units);
        RecurrentProduct = gradients.RecurrentProduct.At(positions * GruMemory.GateCount * shape.Units);
        if (!gradients.Joint.LaterProduct.IsEmpty) LaterProduct = gradients.Joint.LaterProduct.At(rows * GruMemory.GateCount * shape.Units);
        LeavesEarlier = gradients.Joint.LeavesEarlier;
    }

    public readonly float* Output, Input, FinalHidden, RecurrentProduct, LaterProduct;
    public readonly bool LeavesEarlier;
}
