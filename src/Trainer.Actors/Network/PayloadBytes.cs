using System.Buffers;
using System.Runtime.InteropServices;

namespace LstmCluster.Actors;

/// <summary>The memory of a payload as bytes, so that a socket reads and writes it in place.</summary>
sealed unsafe class PayloadBytes<T>(Payload<T> payload) : MemoryManager<byte>
    where T : unmanaged
{
    public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(payload.Span);

    /// <summary>A pin is a reference: the memory stays until the handle is disposed.</summary>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)(payload.Length * sizeof(T)), nameof(elementIndex));
        var whole = payload.Pin();
        return new MemoryHandle((byte*)whole.Pointer + elementIndex, default, this);
    }

    public override void Unpin() => payload.Unpin();

    protected override void Dispose(bool disposing)
    {
    }
}
