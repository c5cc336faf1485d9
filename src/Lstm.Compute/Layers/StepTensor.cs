namespace LstmCluster.Compute;

/// <summary>A tensor [steps,N,width] that a recurrent layer keeps on its device; without width, one that its options do not ask for.</summary>
sealed class StepTensor(IDevice device, int width) : IDisposable
{
    readonly GrowingBuffer _buffer = new(device);

    /// <summary>Makes room. Growing loses the content.</summary>
    public void Reserve(int steps, int rows)
    {
        if (width > 0) _buffer.Reserve(checked((long)steps * rows * width));
    }

    /// <summary>Some of its steps, [count,N,width]; empty for a tensor without width.</summary>
    public DeviceSpan Steps(int first, int count, int rows) =>
        width == 0 ? default : _buffer.Span((first + count) * rows * width).Slice(first * rows * width, count * rows * width);

    /// <summary>One row at one step, [width]; empty for a tensor without width.</summary>
    public DeviceSpan Row(int step, int row, int rows) => width == 0 ? default : Steps(step, 1, rows).Slice(row * width, width);

    public void Dispose() => _buffer.Dispose();
}
