using System.Numerics;

namespace LstmCluster.Compute;

/// <summary>Numbers of the reference device: a managed array.</summary>
sealed class ReferenceBuffer<T>(int length) : DeviceBuffer(length)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    T[]? _values = new T[length];

    internal T[] Values => _values ?? throw new ObjectDisposedException(nameof(ReferenceBuffer<>));

    protected override void Dispose(bool disposing) => _values = null;
}
