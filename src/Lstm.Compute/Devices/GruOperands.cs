namespace LstmCluster.Compute;

/// <summary>The parameters of a GRU layer as they stand in the parameter vector, or their gradients; gates r, z, n.</summary>
/// <param name="Kernel">W, [3H,D].</param>
/// <param name="RecurrentKernel">U, [3H,H].</param>
/// <param name="Bias">b, [3H].</param>
/// <param name="RecurrentBias">c, [3H]; its r and z parts do what those of b do, its n part stands behind the reset gate.</param>
public readonly record struct GruParameters(DeviceSpan Kernel, DeviceSpan RecurrentKernel, DeviceSpan Bias, DeviceSpan RecurrentBias);

/// <summary>What a GRU's forward pass keeps for its backward pass. At padded positions gates and candidate product are zero.</summary>
/// <remarks>In reverse direction time runs the other way: the initial state is the last of the T+1 states, and the state after step t stands at t.</remarks>
/// <param name="Input">x, [T,N,D].</param>
/// <param name="Gates">[T,N,3H]. Forward leaves the activated gates here; backward the gradient of <c>x W^T</c>.</param>
/// <param name="CandidateProduct">[T,N,H]: <c>U_n h + c_n</c>, which the reset gate multiplies.</param>
/// <param name="Hidden">h, [T+1,N,H]; the first is the initial state, the others are the output.</param>
public readonly record struct GruActivations(DeviceSpan Input, DeviceSpan Gates, DeviceSpan CandidateProduct, DeviceSpan Hidden)
{
    /// <summary>Lengths of the batch.</summary>
    public RecurrentPass Pass { get; init; }
}

/// <summary>The gradients that run through a GRU's backward pass.</summary>
/// <param name="Output">dy, [T,N,H]. Overwritten with the gradient of the hidden state over all paths.</param>
/// <param name="Input">dx, [T,N,D]. Written; empty when nobody needs it.</param>
/// <param name="FinalHidden">[N,H]. In: gradient of the final h. Out: gradient of the initial h. Between windows: as one call left it for the next.</param>
/// <param name="RecurrentProduct">[T,N,3H]: gradient of <c>h U^T</c>, which differs from that of <c>x W^T</c> in the rows of n. Written.</param>
public readonly record struct GruGradients(DeviceSpan Output, DeviceSpan Input, DeviceSpan FinalHidden, DeviceSpan RecurrentProduct)
{
    /// <summary>What joins a window of time to the others; the default for a whole sequence.</summary>
    public WindowJoint Joint { get; init; }
}

/// <summary>The parameters of a GRU layer, prepared on a device for one weight version.</summary>
/// <param name="Forward">W for <c>x W^T</c>.</param>
/// <param name="RecurrentForward">U for <c>h U^T</c>.</param>
/// <param name="Backward">W for the product with the gradient of <c>x W^T</c>; null for inference.</param>
/// <param name="RecurrentBackward">U for the product with the gradient of <c>h U^T</c>; null for inference.</param>
/// <param name="Plain">The same parameters as they stand in the parameter vector.</param>
public readonly record struct GruWeights(
    PreparedMatrix Forward, PreparedMatrix RecurrentForward, PreparedMatrix? Backward, PreparedMatrix? RecurrentBackward, GruParameters Plain);
