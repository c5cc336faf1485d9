namespace LstmCluster.Compute;

/// <summary>Numbers in a device's own memory and precision. One owner disposes it.</summary>
/// <param name="length">Number of elements.</param>
public abstract class DeviceBuffer(int length) : IDisposable
{
    /// <summary>Number of elements.</summary>
    public int Length { get; } = length;

    /// <summary>The whole buffer.</summary>
    public DeviceSpan All => new(this, 0, Length);

    /// <summary>A part of the buffer.</summary>
    public DeviceSpan Slice(int offset, int length) => All.Slice(offset, length);

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory.</summary>
    protected abstract void Dispose(bool disposing);
}
