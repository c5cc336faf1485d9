using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LstmCluster.Compute;

/// <summary>The upper half of a single-precision number: its range, and 8 bits of its 24 of precision. Rounding is to the nearest, ties to even.</summary>
/// <remarks>NaN stays NaN and infinity infinity; a number beyond the largest finite one becomes infinite.</remarks>
public static class Bf16
{
    const int Lanes = ShortMantissa<TiesToEven>.Lanes;

    /// <summary>The nearest number that has a 16-bit form.</summary>
    public static float Round(float value) => ShortMantissa<TiesToEven>.Round(value);

    /// <summary>Rounds numbers in place.</summary>
    public static void Round(Span<float> values) => ShortMantissa<TiesToEven>.Round(values);

    /// <summary>Rounds numbers into their 16-bit form.</summary>
    /// <param name="values">The numbers.</param>
    /// <param name="halves">As many.</param>
    /// <exception cref="ArgumentException">There are not as many.</exception>
    public static void Narrow(ReadOnlySpan<float> values, Span<ushort> halves)
    {
        RequireSame(values.Length, halves.Length);
        var bits = MemoryMarshal.Cast<float, uint>(values);
        var index = 0;
        for (; index <= bits.Length - (2 * Lanes); index += 2 * Lanes)
        {
            var (low, high) = (Nearest(Vector512.Create(bits.Slice(index, Lanes))), Nearest(Vector512.Create(bits.Slice(index + Lanes, Lanes))));
            Vector512.Narrow(low >>> 16, high >>> 16).CopyTo(halves[index..]);
        }

        for (; index < values.Length; index++) halves[index] = (ushort)(BitConverter.SingleToUInt32Bits(Round(values[index])) >> 16);
    }

    /// <summary>The numbers of 16-bit forms, exactly.</summary>
    /// <param name="halves">The 16-bit forms.</param>
    /// <param name="values">As many.</param>
    /// <exception cref="ArgumentException">There are not as many.</exception>
    public static void Widen(ReadOnlySpan<ushort> halves, Span<float> values)
    {
        RequireSame(values.Length, halves.Length);
        var bits = MemoryMarshal.Cast<float, uint>(values);
        var index = 0;
        for (; index <= bits.Length - (2 * Lanes); index += 2 * Lanes)
        {
            var (low, high) = Vector512.Widen(Vector512.Create(halves.Slice(index, 2 * Lanes)));
            (low << 16).CopyTo(bits[index..]);
            (high << 16).CopyTo(bits[(index + Lanes)..]);
        }

        for (; index < values.Length; index++) bits[index] = (uint)halves[index] << 16;
    }

    static Vector512<uint> Nearest(Vector512<uint> bits) => ShortMantissa<TiesToEven>.Nearest(bits);

    static void RequireSame(int values, int halves)
    {
        if (values != halves) throw new ArgumentException($"{values} numbers and {halves} 16-bit forms are not as many");
    }

    readonly struct TiesToEven : IShortMantissa
    {
        const uint BelowTie = 0x7FFF;

        public static uint Kept => 0xFFFF_0000;

        /// <summary>Just under half of what is cut off, and one more where the kept part is odd.</summary>
        public static uint Carry(uint bits) => BelowTie + ((bits >> 16) & 1);

        public static Vector512<uint> Carry(Vector512<uint> bits) => Vector512.Create(BelowTie) + ((bits >>> 16) & Vector512<uint>.One);
    }
}
