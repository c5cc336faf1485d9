namespace LstmCluster.Compute;

/// <summary>
/// Layer normalisation of whole vectors (Ba, Kiros and Hinton 2016): <c>y = gain*(x - mean)/sqrt(variance + epsilon) + shift</c>
/// with <see cref="LstmOptions.NormEpsilon"/> and the variance of the population, as PyTorch's LayerNorm has it. Vectors do not influence each other.
/// </summary>
public interface INormOperations
{
    /// <summary>Normalises each vector.</summary>
    /// <param name="count">Number of vectors, T*N.</param>
    /// <param name="width">Features of a vector.</param>
    /// <param name="input">x, [count,width].</param>
    /// <param name="gainAndShift">[2,width].</param>
    /// <param name="normalized">[count,width]: x without mean and deviation, which backward needs. Written; other memory than the input.</param>
    /// <param name="inverseDeviations">[count], which backward needs. Written.</param>
    /// <param name="output">y, [count,width]. Written; may be the input itself.</param>
    /// <exception cref="ArgumentException">An operand does not hold what its shape says.</exception>
    void NormForward(
        int count, int width, DeviceSpan input, DeviceSpan gainAndShift, DeviceSpan normalized, DeviceSpan inverseDeviations, DeviceSpan output);

    /// <summary>Gradient of each vector before it was normalised.</summary>
    /// <param name="count">Number of vectors, T*N.</param>
    /// <param name="width">Features of a vector.</param>
    /// <param name="gainAndShift">[2,width], as in the forward pass.</param>
    /// <param name="normalized">[count,width], of the forward pass.</param>
    /// <param name="inverseDeviations">[count], of the forward pass.</param>
    /// <param name="outputGradient">dy, [count,width].</param>
    /// <param name="inputGradient">dx, [count,width]. Written; other memory than <paramref name="outputGradient"/>.</param>
    /// <exception cref="ArgumentException">An operand does not hold what its shape says.</exception>
    void NormBackward(
        int count, int width, DeviceSpan gainAndShift, DeviceSpan normalized, DeviceSpan inverseDeviations, DeviceSpan outputGradient,
        DeviceSpan inputGradient);

    /// <summary>Gradient of gain and shift over the rows of one shard: <c>sum dy*normalized</c> and <c>sum dy</c>, over t, then n.</summary>
    /// <param name="shape">Extent of the whole batch.</param>
    /// <param name="rows">The shard's rows.</param>
    /// <param name="width">Features of a vector.</param>
    /// <param name="outputGradient">dy, [T,N,width].</param>
    /// <param name="normalized">[T,N,width], of the forward pass.</param>
    /// <param name="gainAndShiftGradient">[2,width].</param>
    /// <param name="accumulate">True: the finished sums are added to what the target holds, in one rounding.</param>
    /// <exception cref="ArgumentException">An operand does not hold what its shape says, or the rows do not lie within the batch.</exception>
    void NormWeightGradient(
        BatchShape shape, RowRange rows, int width, DeviceSpan outputGradient, DeviceSpan normalized, DeviceSpan gainAndShiftGradient, bool accumulate);
}
