using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace LstmCluster.Actors;

/// <summary>Frames that wait to be written to a connection, one after the other.</summary>
sealed class FrameBuffer : IBufferWriter<byte>
{
    /// <summary>A buffer that once had to be larger is not kept for good.</summary>
    const int KeptBytes = 1 << 20;

    const int FirstBytes = 4096;

    byte[] _bytes = new byte[FirstBytes];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > KeptBytes) _bytes = new byte[FirstBytes];
    }

    /// <summary>Takes back all that was written after a point.</summary>
    public void Truncate(int length) => Length = length;

    /// <summary>Leaves room for a header.</summary>
    /// <returns>What <see cref="EndFrame"/> has to know.</returns>
    public int BeginFrame()
    {
        var start = Length;
        GetSpan(FrameHeader.Bytes);
        Length += FrameHeader.Bytes;
        return start;
    }

    /// <summary>Completes the frame whose body has been written since <see cref="BeginFrame"/>.</summary>
    public void EndFrame(int start, FrameKind kind, ulong number)
    {
        var body = _bytes.AsSpan(start + FrameHeader.Bytes, Length - start - FrameHeader.Bytes);
        new FrameHeader(kind, body.Length, Crc32C.Of(body), number).Write(_bytes.AsSpan(start));
    }

    public void Byte(byte value)
    {
        GetSpan(1)[0] = value;
        Length++;
    }

    public void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(GetSpan(sizeof(ushort)), value);
        Length += sizeof(ushort);
    }

    public void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(GetSpan(sizeof(uint)), value);
        Length += sizeof(uint);
    }

    public void UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(GetSpan(sizeof(ulong)), value);
        Length += sizeof(ulong);
    }

    public void Block(ReadOnlySpan<byte> value)
    {
        value.CopyTo(GetSpan(value.Length));
        Length += value.Length;
    }

    /// <summary>UTF-8 after its length in two bytes; what is longer than that allows is cut.</summary>
    public void Text(string value, int maxBytes)
    {
        while (Encoding.UTF8.GetByteCount(value) > maxBytes) value = value[..Math.Min(value.Length - 1, maxBytes)];
        var bytes = Encoding.UTF8.GetByteCount(value);
        UInt16((ushort)bytes);
        Encoding.UTF8.GetBytes(value, GetSpan(bytes));
        Length += bytes;
    }

    /// <summary>Fills in a number that was not known when its place was written.</summary>
    public void Patch(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(at), value);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_bytes.Length - Length), nameof(count));
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Length);
    }

    void Reserve(int bytes)
    {
        var needed = checked(Length + Math.Max(bytes, 1));
        if (needed > _bytes.Length) Array.Resize(ref _bytes, (int)Math.Min(Math.Max(needed, 2L * _bytes.Length), Array.MaxLength));
    }
}
