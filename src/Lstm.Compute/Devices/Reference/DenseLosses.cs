namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void BinaryCrossEntropy(DeviceSpan logits, DeviceSpan targets, int count, int width, DeviceIndices? mask, DeviceSpan losses, bool gradient) =>
        DenseLoss(
            logits, targets, count, width, mask, losses, gradient,
            loss: (x, t) => T.Max(x, T.Zero) - (x * t) + T.LogP1(T.Exp(-T.Abs(x))),
            slope: (x, t) => (T.One / (T.One + T.Exp(-x))) - t);

    /// <inheritdoc/>
    public void SquaredError(DeviceSpan outputs, DeviceSpan targets, int count, int width, DeviceIndices? mask, DeviceSpan losses, bool gradient) =>
        DenseLoss(
            outputs, targets, count, width, mask, losses, gradient,
            loss: (x, t) => (x - t) * (x - t),
            slope: (x, t) => (x - t) + (x - t));

    /// <inheritdoc/>
    public void HuberLoss(
        DeviceSpan outputs, DeviceSpan targets, int count, int width, float delta, DeviceIndices? mask, DeviceSpan losses, bool gradient)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(delta);
        var (bound, half) = (Number(delta), Number(0.5f));
        DenseLoss(
            outputs, targets, count, width, mask, losses, gradient,
            loss: (x, t) => T.Abs(x - t) > bound ? bound * (T.Abs(x - t) - (half * bound)) : half * (x - t) * (x - t),
            slope: (x, t) => x - t > bound ? bound : x - t < -bound ? -bound : x - t);
    }

    static void DenseLoss(
        DeviceSpan output, DeviceSpan target, int count, int width, DeviceIndices? mask, DeviceSpan losses, bool gradient,
        Func<T, T, T> loss, Func<T, T, T> slope)
    {
        var x = Numbers(output, count * width);
        var t = Numbers(target, count * width);
        var sums = Numbers(losses, count);
        var counts = mask is null ? [] : WholeNumbers(mask, count);
        for (var position = 0; position < count; position++)
        {
            var ignored = mask is not null && counts[position] == 0;
            sums[position] = T.Zero;
            for (var index = position * width; index < (position + 1) * width; index++)
            {
                if (!ignored)
                    sums[position] += loss(x[index], t[index]);
                if (gradient)
                    x[index] = ignored ? T.Zero : slope(x[index], t[index]);
            }
        }
    }
}
