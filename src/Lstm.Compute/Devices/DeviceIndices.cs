namespace LstmCluster.Compute;

/// <summary>Whole numbers in a device's memory: tokens, targets, row keys. One owner disposes it.</summary>
/// <param name="length">Number of elements.</param>
public abstract class DeviceIndices(int length) : IDisposable
{
    /// <summary>Number of elements.</summary>
    public int Length { get; } = length;

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory.</summary>
    protected abstract void Dispose(bool disposing);
}
