using System.Buffers;

namespace LstmCluster.Actors;

/// <summary>A reference-counted block of native memory: handed over by reference inside a process, as bytes across.</summary>
/// <typeparam name="T">Element type.</typeparam>
/// <remarks>
/// Whoever holds a reference may read; only the holder of the sole reference may write. The last <see cref="Release"/> gives the memory
/// back to the <see cref="PayloadPool"/> it came from. Memory starts at a 64-byte boundary, so that it can be used as a kernel operand in place.
/// </remarks>
public sealed unsafe class Payload<T> : MemoryManager<T>
    where T : unmanaged
{
    readonly PayloadPool? _pool;
    readonly AlignedBlock _block;
    readonly int _length;
    int _references = 1;

    internal Payload(int length, PayloadPool? pool)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        _length = length;
        _pool = pool;
        _block = new AlignedBlock((nuint)length * (nuint)sizeof(T));
    }

    /// <summary>Number of elements.</summary>
    public int Length => _length;

    /// <summary>The elements.</summary>
    /// <exception cref="ObjectDisposedException">The last reference was released.</exception>
    public Span<T> Span => GetSpan();

    /// <summary>Takes one more reference.</summary>
    /// <returns>This payload, for use in an expression.</returns>
    public Payload<T> Retain()
    {
        ObjectDisposedException.ThrowIf(Interlocked.Increment(ref _references) <= 1, this);
        return this;
    }

    /// <summary>Gives one reference back.</summary>
    /// <exception cref="InvalidOperationException">More references were given back than taken.</exception>
    public void Release()
    {
        var left = Interlocked.Decrement(ref _references);
        if (left < 0) throw new InvalidOperationException("a payload was released more often than retained");
        if (left > 0) return;
        if (_pool is null || !_pool.TryReturn(this)) Free();
    }

    /// <inheritdoc/>
    public override Span<T> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_references <= 0, this);
        return new Span<T>(_block.Pointer, _length);
    }

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)_length);
        ObjectDisposedException.ThrowIf(_references <= 0, this);
        return new MemoryHandle((T*)_block.Pointer + elementIndex, default, this);
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    internal void Revive() => Volatile.Write(ref _references, 1);

    internal void Free() => _block.Dispose();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) Release();
    }
}
