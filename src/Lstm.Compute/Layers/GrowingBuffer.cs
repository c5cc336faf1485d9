namespace LstmCluster.Compute;

/// <summary>Device memory that grows to the largest batch seen and stays, so that a steady state allocates nothing.</summary>
sealed class GrowingBuffer(IDevice device) : IDisposable
{
    DeviceBuffer? _buffer;

    /// <summary>Makes room. Growing loses the content.</summary>
    public void Reserve(int length)
    {
        if (_buffer is not null && _buffer.Length >= length) return;
        _buffer?.Dispose();
        _buffer = device.Allocate(length);
    }

    /// <summary>The first elements of what was reserved.</summary>
    public DeviceSpan Span(int length) =>
        _buffer?.Slice(0, length) ?? throw new InvalidOperationException("the run was given a batch before room was reserved for it");

    public void Dispose() => _buffer?.Dispose();
}
