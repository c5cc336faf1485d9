using System.Numerics;
using System.Runtime.InteropServices;

namespace LstmCluster.Actors;

/// <summary>CRC-32C (Castagnoli, as in RFC 3720) by the processor's own instruction where it has one.</summary>
/// <remarks>
/// That instruction takes three cycles and can begin every cycle, so large blocks are cut into three lanes that run side by side. A checksum is
/// linear: lane results are joined by advancing each over the zeros that stand for what comes after it (Adler's arrangement).
/// </remarks>
static class Crc32C
{
    const int LaneBytes = 2048;

    static readonly uint[] Advance = AdvanceTable();

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = ~0u;
        while (bytes.Length >= 3 * LaneBytes)
        {
            crc = ThreeLanes(crc, MemoryMarshal.Cast<byte, ulong>(bytes[..(3 * LaneBytes)]));
            bytes = bytes[(3 * LaneBytes)..];
        }

        return ~OneLane(crc, bytes);
    }

    /// <summary>The same, byte by byte.</summary>
    internal static uint Plain(ReadOnlySpan<byte> bytes)
    {
        var crc = ~0u;
        foreach (var value in bytes) crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }

    static uint OneLane(uint crc, ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words) crc = BitOperations.Crc32C(crc, word);
        foreach (var value in bytes[(words.Length * sizeof(ulong))..]) crc = BitOperations.Crc32C(crc, value);
        return crc;
    }

    static uint ThreeLanes(uint crc, ReadOnlySpan<ulong> words)
    {
        const int lane = LaneBytes / sizeof(ulong);
        var first = words[..lane];
        var second = words.Slice(lane, lane);
        var third = words.Slice(2 * lane, lane);
        var (a, b, c) = (crc, 0u, 0u);
        for (var i = 0; i < first.Length; i++)
        {
            a = BitOperations.Crc32C(a, first[i]);
            b = BitOperations.Crc32C(b, second[i]);
            c = BitOperations.Crc32C(c, third[i]);
        }

        return OverLane(OverLane(a) ^ b) ^ c;
    }

    /// <summary>The state after one lane of zeros.</summary>
    static uint OverLane(uint crc) =>
        Advance[crc & 0xFF] ^ Advance[256 + ((crc >> 8) & 0xFF)] ^ Advance[512 + ((crc >> 16) & 0xFF)] ^ Advance[768 + (crc >> 24)];

    static uint[] AdvanceTable()
    {
        var table = new uint[4 * 256];
        for (var i = 0; i < table.Length; i++)
        {
            var crc = (uint)(i & 0xFF) << (8 * (i >> 8));
            for (var word = 0; word < LaneBytes / sizeof(ulong); word++) crc = BitOperations.Crc32C(crc, 0ul);
            table[i] = crc;
        }

        return table;
    }
}
