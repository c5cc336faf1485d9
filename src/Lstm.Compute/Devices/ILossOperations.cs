namespace LstmCluster.Compute;

/// <summary>Losses of each position and their gradients. All are sums: the mean over positions is the caller's.</summary>
/// <remarks>
/// The dense ones take <c>[count,width]</c> outputs and targets and sum over the width. Their mask is [count]: a position with 0 is ignored, so that its
/// loss and gradient are zero whatever output and target hold; null when every position counts.
/// </remarks>
public interface ILossOperations
{
    /// <summary>
    /// Softmax cross-entropy with label smoothing (Szegedy et al. 2016), as PyTorch defines it: the target distribution is <c>(1-smoothing)*onehot + smoothing/classes</c>.
    /// Without smoothing it has the bits of <see cref="ITokenOperations.SoftmaxCrossEntropy"/>.
    /// </summary>
    /// <param name="logits">[count,classes]. With <paramref name="gradient"/>, overwritten with <c>softmax - target distribution</c>.</param>
    /// <param name="classes">V.</param>
    /// <param name="targets">[count], each below V; a negative one is ignored: loss and gradient are zero.</param>
    /// <param name="count">Number of positions.</param>
    /// <param name="smoothing">Share that is spread over all classes, from 0 to 1.</param>
    /// <param name="losses">[count], nats.</param>
    /// <param name="gradient">False to leave the logits as they are.</param>
    void SmoothedCrossEntropy(
        DeviceSpan logits, int classes, DeviceIndices targets, int count, float smoothing, DeviceSpan losses, bool gradient);

    /// <summary>Binary cross-entropy of logits: <c>-t*log(sigmoid(x)) - (1-t)*log(1-sigmoid(x))</c>, without overflow.</summary>
    /// <param name="logits">x, [count,width]. With <paramref name="gradient"/>, overwritten with <c>sigmoid(x) - t</c>.</param>
    /// <param name="targets">t, [count,width], each from 0 to 1.</param>
    /// <param name="count">Number of positions.</param>
    /// <param name="width">Features of a position.</param>
    /// <param name="mask">[count], 0 for an ignored position; null for none.</param>
    /// <param name="losses">[count], nats.</param>
    /// <param name="gradient">False to leave the logits as they are.</param>
    void BinaryCrossEntropy(DeviceSpan logits, DeviceSpan targets, int count, int width, DeviceIndices? mask, DeviceSpan losses, bool gradient);

    /// <summary>Squared error: <c>(x - t)^2</c>.</summary>
    /// <param name="outputs">x, [count,width]. With <paramref name="gradient"/>, overwritten with <c>2*(x - t)</c>.</param>
    /// <param name="targets">t, [count,width].</param>
    /// <param name="count">Number of positions.</param>
    /// <param name="width">Features of a position.</param>
    /// <param name="mask">[count], 0 for an ignored position; null for none.</param>
    /// <param name="losses">[count].</param>
    /// <param name="gradient">False to leave the outputs as they are.</param>
    void SquaredError(DeviceSpan outputs, DeviceSpan targets, int count, int width, DeviceIndices? mask, DeviceSpan losses, bool gradient);

    /// <summary>Huber loss (1964), as PyTorch defines it: <c>d^2/2</c> where <c>|d|</c> is at most delta, else <c>delta*(|d| - delta/2)</c>, with <c>d = x - t</c>.</summary>
    /// <param name="outputs">x, [count,width]. With <paramref name="gradient"/>, overwritten with d limited to <c>[-delta, delta]</c>.</param>
    /// <param name="targets">t, [count,width].</param>
    /// <param name="count">Number of positions.</param>
    /// <param name="width">Features of a position.</param>
    /// <param name="delta">Where the square ends and the line begins; positive.</param>
    /// <param name="mask">[count], 0 for an ignored position; null for none.</param>
    /// <param name="losses">[count].</param>
    /// <param name="gradient">False to leave the outputs as they are.</param>
    void HuberLoss(DeviceSpan outputs, DeviceSpan targets, int count, int width, float delta, DeviceIndices? mask, DeviceSpan losses, bool gradient);
}
