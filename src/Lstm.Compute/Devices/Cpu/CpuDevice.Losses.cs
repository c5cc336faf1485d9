namespace LstmCluster.Compute.Cpu;

public abstract partial class CpuDevice
{
    /// <inheritdoc/>
    public abstract void SmoothedCrossEntropy(
        DeviceSpan logits, int classes, DeviceIndices targets, int count, float smoothing, DeviceSpan losses, bool gradient);

    /// <inheritdoc/>
    public abstract void BinaryCrossEntropy(
        DeviceSpan logits, DeviceSpan targets, int count, int width, DeviceIndices? mask, DeviceSpan losses, bool gradient);

    /// <inheritdoc/>
    public abstract void SquaredError(
        DeviceSpan outputs, DeviceSpan targets, int count, int width, DeviceIndices? mask, DeviceSpan losses, bool gradient);

    /// <inheritdoc/>
    public abstract void HuberLoss(
        DeviceSpan outputs, DeviceSpan targets, int count, int width, float delta, DeviceIndices? mask, DeviceSpan losses, bool gradient);

    /// <inheritdoc/>
    public abstract void PoolForward(Pooling kind, BatchShape shape, int width, DeviceIndices lengths, DeviceSpan input, DeviceSpan output);

    /// <inheritdoc/>
    public abstract void PoolBackward(
        Pooling kind, BatchShape shape, int width, DeviceIndices lengths, DeviceSpan input, DeviceSpan output,
        DeviceSpan outputGradient, DeviceSpan inputGradient);
}
