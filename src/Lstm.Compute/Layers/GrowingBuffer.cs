namespace LstmCluster.Compute;

/// <summary>Device memory that grows to the largest batch seen and stays, so that a steady state allocates nothing.</summary>
sealed class GrowingBuffer(IDeviceMemory device) : IDisposable
{
    DeviceBuffer? _buffer;

    /// <summary>Makes room. Growing loses the content; when it fails there is no room at all until the next call.</summary>
    /// <exception cref="ArgumentException">A tensor of so many elements is longer than any memory of a device.</exception>
    public void Reserve(long length)
    {
        if (length > int.MaxValue)
            throw new ArgumentException($"the batch needs a tensor of {length} elements, and {int.MaxValue} are the most: give fewer steps or rows at once", nameof(length));
        if (_buffer is not null && _buffer.Length >= length) return;
        _buffer?.Dispose();
        _buffer = null;
        _buffer = device.Allocate((int)length);
    }

    /// <summary>The first elements of what was reserved.</summary>
    public DeviceSpan Span(int length) =>
        _buffer?.Slice(0, length) ?? throw new InvalidOperationException("the run was given a batch before room was reserved for it");

    public void Dispose() => _buffer?.Dispose();
}
