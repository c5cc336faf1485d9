using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LstmCluster.Compute;

/// <summary>The upper 19 bits of a single-precision number: its range, and 11 bits of its 24 of precision. Rounding is to the nearest, ties away from zero.</summary>
/// <remarks>
/// That is <c>cvt.rna.tf32.f32</c> of NVIDIA's PTX, the conversion that every chip with such matrix units has. Whole numbers only, so that the bits are the same in
/// every vector width. NaN stays NaN and infinity infinity; a number beyond the largest finite one becomes infinite.
/// </remarks>
public static class Tf32
{
    const uint AbsoluteBits = 0x7FFF_FFFF, InfinityBits = 0x7F80_0000, QuietBit = 0x0040_0000, KeptBits = 0xFFFF_E000, Tie = 0x1000;

    const int Lanes = 16;

    /// <summary>The nearest number with ten bits of mantissa.</summary>
    public static float Round(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits & AbsoluteBits) > InfinityBits ? (bits | QuietBit) & KeptBits : (bits + Tie) & KeptBits);
    }

    /// <summary>Rounds numbers in place.</summary>
    public static void Round(Span<float> values)
    {
        var bits = MemoryMarshal.Cast<float, uint>(values);
        var index = 0;
        for (; index <= bits.Length - Lanes; index += Lanes)
        {
            var lanes = bits.Slice(index, Lanes);
            Nearest(Vector512.Create<uint>(lanes)).CopyTo(lanes);
        }

        foreach (ref var value in values[index..]) value = Round(value);
    }

    static Vector512<uint> Nearest(Vector512<uint> bits)
    {
        var kept = Vector512.Create(KeptBits);
        var notNumber = Vector512.GreaterThan(bits & Vector512.Create(AbsoluteBits), Vector512.Create(InfinityBits));
        return Vector512.ConditionalSelect(notNumber, (bits | Vector512.Create(QuietBit)) & kept, (bits + Vector512.Create(Tie)) & kept);
    }
}
