namespace LstmCluster.Compute;

/// <summary>Extent of one LSTM layer over one batch.</summary>
/// <param name="Steps">T, time steps.</param>
/// <param name="Rows">N, batch rows.</param>
/// <param name="Inputs">D, input features.</param>
/// <param name="Units">H, units.</param>
public readonly record struct LstmShape(int Steps, int Rows, int Inputs, int Units)
{
    /// <summary>T and N alone.</summary>
    public BatchShape Batch => new(Steps, Rows);
}

/// <summary>The parameters of an LSTM layer as they stand in the parameter vector; gates i, f, g, o.</summary>
/// <param name="Kernel">W, [4H,D].</param>
/// <param name="RecurrentKernel">U, [4H,H].</param>
/// <param name="Bias">b, [4H].</param>
public readonly record struct LstmParameters(DeviceSpan Kernel, DeviceSpan RecurrentKernel, DeviceSpan Bias);

/// <summary>What an LSTM's forward pass keeps for its backward pass.</summary>
/// <param name="Input">x, [T,N,D].</param>
/// <param name="Gates">[T,N,4H]. Forward leaves the activated gates i,f,g,o here; backward the gradient of the pre-activations.</param>
/// <param name="Cells">c, [T+1,N,H]; the first is the initial state.</param>
/// <param name="Hidden">h, [T+1,N,H]; the first is the initial state, the others are the output.</param>
public readonly record struct LstmActivations(DeviceSpan Input, DeviceSpan Gates, DeviceSpan Cells, DeviceSpan Hidden);

/// <summary>The gradients that run through an LSTM's backward pass.</summary>
/// <param name="Output">dy, [T,N,H]. Overwritten with dh, the gradient of the hidden state over all paths.</param>
/// <param name="Input">dx, [T,N,D]. Written; empty when nobody needs it.</param>
/// <param name="FinalHidden">[N,H]. In: gradient of h(T). Out: gradient of h(0).</param>
/// <param name="FinalCell">[N,H]. In: gradient of c(T). Out: gradient of c(0).</param>
public readonly record struct LstmGradients(DeviceSpan Output, DeviceSpan Input, DeviceSpan FinalHidden, DeviceSpan FinalCell);

/// <summary>The parameters of an LSTM layer, prepared on a device for one weight version.</summary>
/// <param name="Forward">W for <c>x W^T</c>.</param>
/// <param name="RecurrentForward">U for <c>h U^T</c>.</param>
/// <param name="Backward">W for <c>dz W</c>; null for inference.</param>
/// <param name="RecurrentBackward">U for <c>dz U</c>; null for inference.</param>
/// <param name="Plain">The same parameters as they stand in the parameter vector.</param>
public readonly record struct LstmWeights(
    PreparedMatrix Forward, PreparedMatrix RecurrentForward, PreparedMatrix? Backward, PreparedMatrix? RecurrentBackward, LstmParameters Plain);
