namespace LstmCluster.Compute.Gpu;

/// <summary>Working memory of one device: grows to the largest need and stays.</summary>
/// <remarks>Commands run in order, so the next operation may take the same memory while this one still runs.</remarks>
sealed class GpuScratch(IGpuRuntime runtime) : IDisposable
{
    GpuMemory? _memory;
    long _length;

    /// <summary>Elements of 32 bits and undefined content, until the next call.</summary>
    public GpuSpan Take(long length)
    {
        if (length == 0) return GpuSpan.None;
        if (_memory is null || length > _length)
        {
            _memory?.Dispose();

            // Should it fail, the next call finds nothing and tries again.
            _memory = null;
            _memory = new GpuMemory(runtime, length * sizeof(float));
            _length = length;
        }

        return new GpuSpan(_memory.Handle, 0);
    }

    public void Dispose() => _memory?.Dispose();
}
