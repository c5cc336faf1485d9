namespace LstmCluster.Compute;

/// <summary>Whole numbers of the reference device: a managed array.</summary>
sealed class ReferenceIndices(int length) : DeviceIndices(length)
{
    int[]? _values = new int[length];

    internal int[] Values => _values ?? throw new ObjectDisposedException(nameof(ReferenceIndices));

    protected override void Dispose(bool disposing) => _values = null;
}
