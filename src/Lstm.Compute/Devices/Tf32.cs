using System.Runtime.Intrinsics;

namespace LstmCluster.Compute;

/// <summary>The upper 19 bits of a single-precision number: its range, and 11 bits of its 24 of precision. Rounding is to the nearest, ties away from zero.</summary>
/// <remarks>
/// That is <c>cvt.rna.tf32.f32</c> of NVIDIA's PTX, the conversion that every chip with such matrix units has. NaN stays NaN and infinity infinity; a number beyond
/// the largest finite one becomes infinite.
/// </remarks>
public static class Tf32
{
    /// <summary>The nearest number with ten bits of mantissa.</summary>
    public static float Round(float value) => ShortMantissa<TiesAway>.Round(value);

    /// <summary>Rounds numbers in place.</summary>
    public static void Round(Span<float> values) => ShortMantissa<TiesAway>.Round(values);

    readonly struct TiesAway : IShortMantissa
    {
        const uint Tie = 0x1000;

        public static uint Kept => 0xFFFF_E000;

        public static uint Carry(uint bits) => Tie;

        public static Vector512<uint> Carry(Vector512<uint> bits) => Vector512.Create(Tie);
    }
}
