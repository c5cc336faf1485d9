namespace LstmCluster.Compute;

/// <summary>The parameters of an RNN layer as they stand in the parameter vector, or their gradients.</summary>
/// <param name="Kernel">W, [H,D].</param>
/// <param name="RecurrentKernel">U, [H,H].</param>
/// <param name="Bias">b, [H].</param>
public readonly record struct RnnParameters(DeviceSpan Kernel, DeviceSpan RecurrentKernel, DeviceSpan Bias);

/// <summary>What an RNN's forward pass keeps for its backward pass.</summary>
/// <remarks>In reverse direction time runs the other way: the initial state is the last of the T+1 states, and the state after step t stands at t.</remarks>
/// <param name="Input">x, [T,N,D].</param>
/// <param name="Hidden">h, [T+1,N,H]; the first is the initial state, the others are the output.</param>
public readonly record struct RnnActivations(DeviceSpan Input, DeviceSpan Hidden)
{
    /// <summary>Lengths of the batch.</summary>
    public RecurrentPass Pass { get; init; }
}

/// <summary>The gradients that run through an RNN's backward pass.</summary>
/// <param name="Output">dy, [T,N,H]. Overwritten with the gradient of the pre-activations.</param>
/// <param name="Input">dx, [T,N,D]. Written; empty when nobody needs it.</param>
/// <param name="FinalHidden">[N,H]. In: gradient of the final h. Out: gradient of the initial h. Between windows: as one call left it for the next.</param>
public readonly record struct RnnGradients(DeviceSpan Output, DeviceSpan Input, DeviceSpan FinalHidden)
{
    /// <summary>What joins a window of time to the others; the default for a whole sequence.</summary>
    public WindowJoint Joint { get; init; }
}

/// <summary>The parameters of an RNN layer, prepared on a device for one weight version.</summary>
/// <param name="Forward">W for <c>x W^T</c>.</param>
/// <param name="RecurrentForward">U for <c>h U^T</c>.</param>
/// <param name="Backward">W for <c>da W</c>; null for inference.</param>
/// <param name="RecurrentBackward">U for <c>da U</c>; null for inference.</param>
/// <param name="Plain">The same parameters as they stand in the parameter vector.</param>
public readonly record struct RnnWeights(
    PreparedMatrix Forward, PreparedMatrix RecurrentForward, PreparedMatrix? Backward, PreparedMatrix? RecurrentBackward, RnnParameters Plain);
