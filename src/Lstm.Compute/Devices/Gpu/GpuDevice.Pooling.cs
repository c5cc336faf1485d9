namespace LstmCluster.Compute.Gpu;

public sealed partial class GpuDevice
{
    static readonly GpuKernel s_poolForward = new("pooling", "pooling_forward");
    static readonly GpuKernel s_poolBackward = new("pooling", "pooling_backward");

    /// <inheritdoc/>
    public void PoolForward(Pooling kind, BatchShape shape, int width, DeviceIndices lengths, DeviceSpan input, DeviceSpan output)
    {
        var count = checked(shape.Rows * width);
        Launch(s_poolForward, GpuGrid.Elements(count),
            [(int)kind, PoolLengths(lengths, shape), At(input, (long)shape.Positions * width), At(output, count), width, count]);
    }

    /// <inheritdoc/>
    public void PoolBackward(
        Pooling kind, BatchShape shape, int width, DeviceIndices lengths, DeviceSpan input, DeviceSpan output,
        DeviceSpan outputGradient, DeviceSpan inputGradient)
    {
        var (all, count, readsForward) = ((long)shape.Positions * width, checked(shape.Rows * width), kind == Pooling.Max);
        Launch(s_poolBackward, GpuGrid.Elements(count),
        [
            (int)kind, PoolLengths(lengths, shape), readsForward ? At(input, all) : GpuSpan.None, readsForward ? At(output, count) : GpuSpan.None,
            At(outputGradient, count), At(inputGradient, all), shape.Steps, width, count,
        ]);
    }

    GpuSpan PoolLengths(DeviceIndices lengths, BatchShape shape)
    {
        var steps = At(lengths, shape.Rows);
        CheckLengths(lengths.Written(shape.Rows), shape.Steps, nameof(lengths));
        return steps;
    }

    static void CheckLengths(ReadOnlySpan<int> lengths, int most, string name)
    {
        if (lengths.ContainsAnyExceptInRange(0, most)) throw new ArgumentOutOfRangeException(name, $"a sequence must have 0 to {most} steps");
    }
}
