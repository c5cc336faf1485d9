namespace LstmCluster.Compute.Cpu;

sealed unsafe partial class CpuDevice<V>
{
    public override void SoftmaxCrossEntropy(DeviceSpan logits, int classes, DeviceIndices targets, int count, DeviceSpan losses, bool gradient) =>
        SmoothedCrossEntropy(logits, classes, targets, count, smoothing: 0f, losses, gradient);

    public override void SmoothedCrossEntropy(
        DeviceSpan logits, int classes, DeviceIndices targets, int count, float smoothing, DeviceSpan losses, bool gradient)
    {
        Check(smoothing);
        var ids = targets.At(count);
        if (new ReadOnlySpan<int>(ids, count).ContainsAnyExceptInRange(int.MinValue, classes - 1))
            throw new ArgumentOutOfRangeException(nameof(targets), $"a target must be below the number of classes {classes}");
        CrossEntropy<V>.Run(logits.At((long)count * classes), classes, ids, count, smoothing, losses.At(count), gradient, Scratch);
    }

    public override void BinaryCrossEntropy(
        DeviceSpan logits, DeviceSpan targets, int count, int width, DeviceIndices? mask, DeviceSpan losses, bool gradient) =>
        Dense(default(BinaryCrossEntropyLoss), logits, targets, count, width, mask, losses, gradient);

    public override void SquaredError(
        DeviceSpan outputs, DeviceSpan targets, int count, int width, DeviceIndices? mask, DeviceSpan losses, bool gradient) =>
        Dense(default(SquaredErrorLoss), outputs, targets, count, width, mask, losses, gradient);

    public override void HuberLoss(
        DeviceSpan outputs, DeviceSpan targets, int count, int width, float delta, DeviceIndices? mask, DeviceSpan losses, bool gradient)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(delta);
        Dense(new HuberElementLoss(delta), outputs, targets, count, width, mask, losses, gradient);
    }

    public override void PoolForward(Pooling kind, BatchShape shape, int width, DeviceIndices lengths, DeviceSpan input, DeviceSpan output) =>
        PoolForward<V>.Run(
            kind, shape, width, Lengths(lengths, shape), input.At((long)shape.Positions * width), output.At((long)shape.Rows * width));

    public override void PoolBackward(
        Pooling kind, BatchShape shape, int width, DeviceIndices lengths, DeviceSpan input, DeviceSpan output,
        DeviceSpan outputGradient, DeviceSpan inputGradient)
    {
        var (all, rows) = ((long)shape.Positions * width, (long)shape.Rows * width);
        var readsForward = kind == Pooling.Max;
        PoolBackward<V>.Run(
            kind, shape, width, Lengths(lengths, shape), readsForward ? input.At(all) : null, readsForward ? output.At(rows) : null,
            outputGradient.At(rows), inputGradient.At(all), Scratch);
    }

    void Dense<TLoss>(
        TLoss loss, DeviceSpan outputs, DeviceSpan targets, int count, int width, DeviceIndices? mask, DeviceSpan losses, bool gradient)
        where TLoss : struct, IDenseLoss
    {
        var length = (long)count * width;
        DenseLosses<V>.Run(
            loss, outputs.At(length), targets.At(length), count, width, mask is null ? null : mask.At(count), losses.At(count), gradient, Scratch);
    }

    static void Check(float smoothing)
    {
        if (!(smoothing is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(smoothing), smoothing, "must be from 0 to 1");
    }

    static int* Lengths(DeviceIndices lengths, BatchShape shape)
    {
        var steps = lengths.At(shape.Rows);
        if (new ReadOnlySpan<int>(steps, shape.Rows).ContainsAnyExceptInRange(0, shape.Steps))
            throw new ArgumentOutOfRangeException(nameof(lengths), $"a sequence must have 0 to {shape.Steps} steps");
        return steps;
    }
}
