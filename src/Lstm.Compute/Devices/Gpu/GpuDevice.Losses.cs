namespace LstmCluster.Compute.Gpu;

public sealed partial class GpuDevice
{
    static readonly GpuKernel s_crossEntropy = new("losses", "loss_cross_entropy");
    static readonly GpuKernel s_denseLoss = new("losses", "loss_dense");

    /// <summary>Numbered as in losses.cl.</summary>
    enum DenseLoss
    {
        BinaryCrossEntropy,
        SquaredError,
        Huber,
    }

    /// <inheritdoc/>
    public void SoftmaxCrossEntropy(DeviceSpan logits, int classes, DeviceIndices targets, int count, DeviceSpan losses, bool gradient) =>
        SmoothedCrossEntropy(logits, classes, targets, count, smoothing: 0f, losses, gradient);

    /// <inheritdoc/>
    public void SmoothedCrossEntropy(
        DeviceSpan logits, int classes, DeviceIndices targets, int count, float smoothing, DeviceSpan losses, bool gradient)
    {
        if (!(smoothing is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(smoothing), smoothing, "must be from 0 to 1");
        var ids = At(targets, count);
        if (targets.Written(count).ContainsAnyExceptInRange(int.MinValue, classes - 1))
            throw new ArgumentOutOfRangeException(nameof(targets), $"a target must be below the number of classes {classes}");
        Launch(s_crossEntropy, GpuGrid.Rows(count), [At(logits, (long)count * classes), classes, ids, smoothing, At(losses, count), gradient]);
    }

    /// <inheritdoc/>
    public void BinaryCrossEntropy(DeviceSpan logits, DeviceSpan targets, int count, int width, DeviceIndices? mask, DeviceSpan losses, bool gradient) =>
        Dense(DenseLoss.BinaryCrossEntropy, 0f, logits, targets, count, width, mask, losses, gradient);

    /// <inheritdoc/>
    public void SquaredError(DeviceSpan outputs, DeviceSpan targets, int count, int width, DeviceIndices? mask, DeviceSpan losses, bool gradient) =>
        Dense(DenseLoss.SquaredError, 0f, outputs, targets, count, width, mask, losses, gradient);

    /// <inheritdoc/>
    public void HuberLoss(
        DeviceSpan outputs, DeviceSpan targets, int count, int width, float delta, DeviceIndices? mask, DeviceSpan losses, bool gradient)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(delta);
        Dense(DenseLoss.Huber, delta, outputs, targets, count, width, mask, losses, gradient);
    }

    void Dense(
        DenseLoss kind, float delta, DeviceSpan outputs, DeviceSpan targets, int count, int width, DeviceIndices? mask, DeviceSpan losses, bool gradient)
    {
        var length = (long)count * width;
        Launch(s_denseLoss, GpuGrid.Rows(count),
            [(int)kind, delta, At(outputs, length), At(targets, length), width, AtAny(mask, count), At(losses, count), gradient]);
    }
}
