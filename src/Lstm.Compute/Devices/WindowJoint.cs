namespace LstmCluster.Compute;

/// <summary>A run of a batch's time steps.</summary>
/// <param name="First">The first step.</param>
/// <param name="Count">Number of steps.</param>
public readonly record struct TimeWindow(int First, int Count)
{
    /// <summary>The step behind the last.</summary>
    public int End => First + Count;
}

/// <summary>What joins a window of a backward pass to the windows beside it, so that windows have the bits of the whole sequence.</summary>
/// <remarks>
/// The product with the recurrent kernel that leads from one window into the one before it is taken by the latter's call: only then is dy there complete,
/// which it may not be before when later steps of a decoder feed earlier outputs back.
/// </remarks>
/// <param name="LaterProduct">
/// Gradient of the recurrent product, [N,rows of U], of the step that comes next in the layer's direction, as its call left it; empty when the window has the layer's last step.
/// </param>
/// <param name="LeavesEarlier">True when a call for the window before follows, which takes the state's gradient as this one leaves it.</param>
public readonly record struct WindowJoint(DeviceSpan LaterProduct, bool LeavesEarlier);
