using System.Numerics;
using System.Runtime.InteropServices;

namespace LstmCluster.Actors;

/// <summary>CRC-32C (Castagnoli, as in RFC 3720) by the processor's own instruction where it has one.</summary>
/// <remarks>
/// That instruction takes three cycles and can begin every cycle, so blocks are cut into three lanes that run side by side. A checksum is
/// linear: lane results are joined by advancing each over the zeros that stand for what comes after it (Adler's arrangement). Long lanes are for
/// memory, which is fetched ahead only where it is read in long runs; short ones for what is left.
/// </remarks>
static class Crc32C
{
    static readonly Lanes Long = new(16 << 10), Short = new(1 << 10);

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = ~0u;
        bytes = bytes[Long.Run(bytes, ref crc)..];
        bytes = bytes[Short.Run(bytes, ref crc)..];
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

    /// <summary>Three lanes of one length.</summary>
    sealed class Lanes(int bytes)
    {
        readonly uint[] _advance = AdvanceTable(bytes / sizeof(ulong));

        /// <summary>Takes in as many groups of three lanes as there are.</summary>
        /// <returns>Bytes taken in.</returns>
        public int Run(ReadOnlySpan<byte> source, ref uint crc)
        {
            var taken = 0;
            for (; source.Length - taken >= 3 * bytes; taken += 3 * bytes) crc = Group(crc, MemoryMarshal.Cast<byte, ulong>(source.Slice(taken, 3 * bytes)));
            return taken;
        }

        uint Group(uint crc, ReadOnlySpan<ulong> words)
        {
            var lane = words.Length / 3;
            var first = words[..lane];
            var second = words.Slice(lane, first.Length);
            var third = words.Slice(2 * lane, first.Length);
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
        uint OverLane(uint crc) =>
            _advance[crc & 0xFF] ^ _advance[256 + ((crc >> 8) & 0xFF)] ^ _advance[512 + ((crc >> 16) & 0xFF)] ^ _advance[768 + (crc >> 24)];
    }

    /// <summary>What each byte of a state becomes after so many words of zeros.</summary>
    static uint[] AdvanceTable(int words)
    {
        // Linear, so the 32 single bits say all.
        var bits = new uint[32];
        for (var bit = 0; bit < bits.Length; bit++)
        {
            var crc = 1u << bit;
            for (var word = 0; word < words; word++) crc = BitOperations.Crc32C(crc, 0ul);
            bits[bit] = crc;
        }

        var table = new uint[4 * 256];
        for (var i = 0; i < table.Length; i++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                if ((i & (1 << bit)) != 0) table[i] ^= bits[(8 * (i >> 8)) + bit];
            }
        }

        return table;
    }
}
