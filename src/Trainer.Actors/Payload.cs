using System.Buffers;

namespace LstmCluster.Actors;

/// <summary>A reference-counted block of native memory: handed over by reference inside a process, as bytes across.</summary>
/// <typeparam name="T">Element type.</typeparam>
/// <remarks>
/// Whoever holds a reference may read; only the holder of the sole reference may write. The last <see cref="Release"/> gives the memory
/// back to the <see cref="PayloadPool"/> it came from. Memory starts at a 64-byte boundary, so that it can be used as a kernel operand in place.
/// <para>
/// A <see cref="Slice"/> is a payload of its own whose memory is a part of another's: it counts its own references, and holds one to the other for as long
/// as there are any. Who holds the sole reference to a slice may write it, if no other slice overlaps it.
/// </para>
/// <para>
/// Spans do not count: one must not be used after its reference was released. A pool hands the same object out again, so a reference that is
/// kept beyond its release may come to mean somebody else's content; only references given back too often <i>before</i> that are noticed.
/// </para>
/// </remarks>
public sealed unsafe class Payload<T> : MemoryManager<T>, IPooled, IWirePayload
    where T : unmanaged
{
    readonly PayloadPool? _pool;
    readonly AlignedBlock? _block;
    readonly Payload<T>? _whole;
    readonly T* _start;
    readonly int _length;
    int _references = 1;
    PayloadBytes<T>? _bytes;

    internal Payload(int length, PayloadPool? pool)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        _length = length;
        _pool = pool;
        _block = new AlignedBlock((nuint)length * (nuint)sizeof(T));
        _start = (T*)_block.Pointer;
    }

    Payload(Payload<T> whole, T* start, int length)
    {
        (_whole, _length) = (whole, length);
        _start = start;
    }

    /// <summary>Number of elements.</summary>
    public int Length => _length;

    /// <summary>The elements.</summary>
    /// <exception cref="ObjectDisposedException">The last reference was released.</exception>
    public Span<T> Span => GetSpan();

    /// <summary>References that are held now. For assertions: another thread may change it at any time.</summary>
    public int References => Volatile.Read(ref _references);

    internal bool IsFreed => _block?.IsClosed ?? _whole!.IsFreed;

    /// <summary>Takes one more reference.</summary>
    /// <returns>This payload, for use in an expression.</returns>
    /// <exception cref="ObjectDisposedException">The last reference was released.</exception>
    public Payload<T> Retain()
    {
        // Never up from zero, not even for a moment: the memory belongs to the pool by then.
        var seen = References;
        while (true)
        {
            ObjectDisposedException.ThrowIf(seen <= 0, this);
            var before = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (before == seen) return this;
            seen = before;
        }
    }

    /// <summary>A part of the memory as a payload with one reference, which holds this one. Nothing is copied.</summary>
    /// <param name="offset">The first element. Kernels want the part to start at a 64-byte boundary.</param>
    /// <param name="length">Number of elements.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within this payload.</exception>
    /// <exception cref="ObjectDisposedException">The last reference was released.</exception>
    public Payload<T> Slice(int offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)offset, (uint)_length, nameof(offset));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)(_length - offset), nameof(length));

        // The part of a part holds the whole, so that nothing is kept for its sake but the memory; this one is what the caller still has.
        ObjectDisposedException.ThrowIf(References <= 0, this);
        return new Payload<T>((_whole ?? this).Retain(), _start + offset, length);
    }

    /// <summary>Gives one reference back.</summary>
    /// <exception cref="InvalidOperationException">More references were given back than taken.</exception>
    public void Release()
    {
        var seen = References;
        while (true)
        {
            if (seen <= 0) throw new InvalidOperationException("a payload was released more often than retained");
            var before = Interlocked.CompareExchange(ref _references, seen - 1, seen);
            if (before == seen) break;
            seen = before;
        }

        if (seen != 1) return;
        if (_whole is not null) _whole.Release();
        else if (_pool is null || !_pool.TryReturn(this)) _block!.Dispose();
    }

    /// <inheritdoc/>
    public override Span<T> GetSpan()
    {
        ObjectDisposedException.ThrowIf(References <= 0, this);
        return new Span<T>(_start, _length);
    }

    /// <inheritdoc/>
    /// <remarks>A pin is a reference: the memory stays until the handle is disposed.</remarks>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)_length, nameof(elementIndex));
        Retain();
        return new MemoryHandle(_start + elementIndex, default, this);
    }

    /// <inheritdoc/>
    public override void Unpin() => Release();

    ElementType IWirePayload.Type => ElementTypes.Of<T>();

    Memory<byte> IWirePayload.Bytes => (_bytes ??= new PayloadBytes<T>(this)).Memory;

    void IPooled.Revive() => Volatile.Write(ref _references, 1);

    void IPooled.Free() => _block!.Dispose();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) Release();
    }
}
