namespace LstmCluster.Compute;

/// <summary>Extent and kind of one LSTM layer over one batch. In the shapes of its operands P is H without projection.</summary>
/// <param name="Steps">T, time steps.</param>
/// <param name="Rows">N, batch rows.</param>
/// <param name="Inputs">D, input features.</param>
/// <param name="Units">H, units.</param>
public readonly record struct LstmShape(int Steps, int Rows, int Inputs, int Units)
{
    readonly LstmOptions? _options;

    /// <summary>What the layer does beyond the plain one.</summary>
    public LstmOptions Options
    {
        get => _options ?? LstmOptions.Plain;
        init => _options = value;
    }

    /// <summary>T and N alone.</summary>
    public BatchShape Batch => new(Steps, Rows);

    /// <summary>GH, rows of the kernels.</summary>
    public int GateRows => Options.GateCount * Units;

    /// <summary>P, features of the hidden state.</summary>
    public int Outputs => Options.OutputSize(Units);
}

/// <summary>The parameters of an LSTM layer as they stand in the parameter vector, or their gradients; gates i, f, g, o.</summary>
/// <param name="Kernel">W, [GH,D].</param>
/// <param name="RecurrentKernel">U, [GH,P].</param>
/// <param name="Bias">b, [GH].</param>
public readonly record struct LstmParameters(DeviceSpan Kernel, DeviceSpan RecurrentKernel, DeviceSpan Bias)
{
    /// <summary>With peepholes: [G-1,H], of i, f, o; with coupling of i, o.</summary>
    public DeviceSpan Peephole { get; init; }

    /// <summary>With projection: [P,H].</summary>
    public DeviceSpan Projection { get; init; }

    /// <summary>With layer normalisation: gain, then shift of the input product, [2,GH].</summary>
    public DeviceSpan InputNorm { get; init; }

    /// <summary>With layer normalisation: gain, then shift of the recurrent product, [2,GH].</summary>
    public DeviceSpan RecurrentNorm { get; init; }

    /// <summary>With layer normalisation: gain, then shift of the cell, [2,H].</summary>
    public DeviceSpan CellNorm { get; init; }
}

/// <summary>What an LSTM's forward pass keeps for its backward pass.</summary>
/// <remarks>In reverse direction time runs the other way: the initial state is the last of the T+1 states, and the state after step t stands at t.</remarks>
/// <param name="Input">x, [T,N,D].</param>
/// <param name="Gates">[T,N,GH]. Forward leaves the activated gates here; backward the gradient of the pre-activations.</param>
/// <param name="Cells">c, [T+1,N,H]; the first is the initial state.</param>
/// <param name="Hidden">h, [T+1,N,P]; the first is the initial state, the others are the output.</param>
public readonly record struct LstmActivations(DeviceSpan Input, DeviceSpan Gates, DeviceSpan Cells, DeviceSpan Hidden)
{
    /// <summary>Masks and lengths of the batch.</summary>
    public RecurrentPass Pass { get; init; }

    /// <summary>With projection: h~, [T,N,H].</summary>
    public DeviceSpan CellOutput { get; init; }

    /// <summary>With zoneout of the cell: n, [T,N,H].</summary>
    public DeviceSpan NewCells { get; init; }

    /// <summary>With recurrent dropout: the masked h before each step, [T,N,P].</summary>
    public DeviceSpan MaskedHidden { get; init; }

    /// <summary>With layer normalisation: the input product without mean and deviation, [T,N,GH].</summary>
    public DeviceSpan InputNormalized { get; init; }

    /// <summary>With layer normalisation: the recurrent product without mean and deviation, [T,N,GH].</summary>
    public DeviceSpan RecurrentNormalized { get; init; }

    /// <summary>With layer normalisation: the cell without mean and deviation, [T,N,H].</summary>
    public DeviceSpan CellNormalized { get; init; }

    /// <summary>With layer normalisation: inverse deviations of input product, recurrent product, cell, [T,3,N].</summary>
    public DeviceSpan InverseDeviations { get; init; }
}

/// <summary>The gradients that run through an LSTM's backward pass.</summary>
/// <param name="Output">dy, [T,N,P]. Overwritten with the gradient of the hidden state over all paths, less what zoneout passes to the step before.</param>
/// <param name="Input">dx, [T,N,D]. Written; empty when nobody needs it.</param>
/// <param name="FinalHidden">[N,P]. In: gradient of the final h. Out: gradient of the initial h. Between windows: as one call left it for the next.</param>
/// <param name="FinalCell">[N,H]. In: gradient of the final c. Out: gradient of the initial c. Between windows: as one call left it for the next.</param>
public readonly record struct LstmGradients(DeviceSpan Output, DeviceSpan Input, DeviceSpan FinalHidden, DeviceSpan FinalCell)
{
    /// <summary>What joins a window of time to the others; the default for a whole sequence.</summary>
    public WindowJoint Joint { get; init; }

    /// <summary>With layer normalisation: gradient of the input product, [T,N,GH]. Written.</summary>
    public DeviceSpan InputProduct { get; init; }

    /// <summary>With layer normalisation: gradient of the recurrent product, [T,N,GH]. Written.</summary>
    public DeviceSpan RecurrentProduct { get; init; }

    /// <summary>With layer normalisation: gradient of the normalised, scaled and shifted cell, [T,N,H]. Written.</summary>
    public DeviceSpan CellNorm { get; init; }
}

/// <summary>The parameters of an LSTM layer, prepared on a device for one weight version.</summary>
/// <param name="Forward">W for <c>x W^T</c>.</param>
/// <param name="RecurrentForward">U for <c>h U^T</c>.</param>
/// <param name="Backward">W for <c>dz W</c>; null for inference.</param>
/// <param name="RecurrentBackward">U for <c>dz U</c>; null for inference.</param>
/// <param name="Plain">The same parameters as they stand in the parameter vector.</param>
public readonly record struct LstmWeights(
    PreparedMatrix Forward, PreparedMatrix RecurrentForward, PreparedMatrix? Backward, PreparedMatrix? RecurrentBackward, LstmParameters Plain)
{
    /// <summary>With projection: P for <c>h~ P^T</c>.</summary>
    public PreparedMatrix? ProjectionForward { get; init; }

    /// <summary>With projection: P for <c>dr P</c>; null for inference.</summary>
    public PreparedMatrix? ProjectionBackward { get; init; }
}
