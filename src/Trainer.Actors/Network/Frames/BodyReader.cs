using System.Buffers.Binary;
using System.Text;

namespace LstmCluster.Actors;

/// <summary>Reads the body of a frame; every length is checked against what is left of it.</summary>
ref struct BodyReader(ReadOnlySpan<byte> body)
{
    public const int MaxPathBytes = 1024;
    public const int MaxReasonBytes = 2048;

    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    ReadOnlySpan<byte> _rest = body;

    public readonly int Left => _rest.Length;

    public byte Byte() => Block(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Block(sizeof(ushort)));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Block(sizeof(uint)));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Block(sizeof(ulong)));

    /// <summary>A length that the caller has still to compare with its limits.</summary>
    public int Count()
    {
        var value = UInt32();
        return value <= int.MaxValue ? (int)value : throw new FrameException($"a length of {value}");
    }

    public ReadOnlySpan<byte> Block(int bytes)
    {
        if ((uint)bytes > (uint)_rest.Length) throw new FrameException($"a frame ends {bytes - _rest.Length} bytes too early");
        var block = _rest[..bytes];
        _rest = _rest[bytes..];
        return block;
    }

    public string Text(int maxBytes)
    {
        var bytes = UInt16();
        if (bytes > maxBytes) throw new FrameException($"a text of {bytes} bytes, at most {maxBytes} are allowed");
        try
        {
            return Strict.GetString(Block(bytes));
        }
        catch (DecoderFallbackException)
        {
            throw new FrameException("a text is not UTF-8");
        }
    }

    public string Path()
    {
        var path = Text(MaxPathBytes);
        return path is ['/', ..] ? path : throw new FrameException("a path does not begin with a slash");
    }

    public readonly void End()
    {
        if (_rest.Length != 0) throw new FrameException($"a frame goes on for {_rest.Length} bytes after its end");
    }
}
