using System.Buffers.Binary;

namespace LstmCluster.Actors;

/// <summary>The fixed bytes before every frame, little-endian.</summary>
/// <remarks>
/// <code>
/// 0 magic 4 | 4 version 1 | 5 kind 1 | 6 zero 2 | 8 length of body 4 | 12 CRC-32C of body 4 | 16 number 8 | 24 CRC-32C of bytes 0-23 4
/// </code>
/// Frames of one direction of a connection are numbered from 1; those of a handshake are 0. A frame that is missing, repeated or out of place is noticed.
/// </remarks>
/// <param name="Kind">What the frame is for.</param>
/// <param name="Length">Bytes that follow.</param>
/// <param name="BodyChecksum">CRC-32C of those bytes.</param>
/// <param name="Number">Number of the frame.</param>
readonly record struct FrameHeader(FrameKind Kind, int Length, uint BodyChecksum, ulong Number)
{
    public const int Bytes = 28;
    public const uint Magic = 0x4E525441;
    public const byte Version = 1;

    const int Checked = 24;

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, Magic);
        target[4] = Version;
        target[5] = (byte)Kind;
        target[6] = target[7] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], BodyChecksum);
        BinaryPrimitives.WriteUInt64LittleEndian(target[16..], Number);
        BinaryPrimitives.WriteUInt32LittleEndian(target[Checked..], Crc32C.Of(target[..Checked]));
    }

    /// <exception cref="FrameException">These bytes are no header, or of a frame that is too long or out of place.</exception>
    public static FrameHeader Parse(ReadOnlySpan<byte> source, int maxLength, ulong number)
    {
        var magic = BinaryPrimitives.ReadUInt32LittleEndian(source);
        if (magic != Magic) throw new FrameException($"not a frame: it begins with {magic:x8}, expected {Magic:x8}");

        // Before the version, which is a refusal for good: a bit that was flipped on the way must not be taken for one. Headers of all versions have it in this place.
        if (BinaryPrimitives.ReadUInt32LittleEndian(source[Checked..]) != Crc32C.Of(source[..Checked])) throw new FrameException("the checksum of a frame's header is wrong");
        if (source[4] != Version) throw new FrameException($"frame of version {source[4]}, expected {Version}", RefusalReason.ProtocolVersion);
        var kind = (FrameKind)source[5];
        if (!Enum.IsDefined(kind)) throw new FrameException($"frame of unknown kind {(byte)kind}");
        if (source[6] != 0 || source[7] != 0) throw new FrameException("a reserved byte of a frame's header is not zero");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(source[8..]);
        if (length > (uint)maxLength) throw new FrameException($"{kind} frame of {length} bytes, at most {maxLength} are allowed");
        var header = new FrameHeader(kind, (int)length, BinaryPrimitives.ReadUInt32LittleEndian(source[12..]), BinaryPrimitives.ReadUInt64LittleEndian(source[16..]));
        if (header.Number != number) throw new FrameException($"frame number {header.Number}, expected {number}");
        return header;
    }

    /// <exception cref="FrameException">The body is not the one that was sent.</exception>
    public void Verify(ReadOnlySpan<byte> body)
    {
        if (Crc32C.Of(body) != BodyChecksum) throw new FrameException($"the checksum of a {Kind} frame of {Length} bytes is wrong");
    }
}
