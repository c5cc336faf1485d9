using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LstmCluster.Compute;

/// <summary>How many bits of a single-precision number are kept, and how the others round them.</summary>
interface IShortMantissa
{
    /// <summary>The bits that are kept.</summary>
    static abstract uint Kept { get; }

    /// <summary>What is added so that it carries into the kept bits exactly where rounding goes up.</summary>
    static abstract uint Carry(uint bits);

    /// <summary>The same of sixteen numbers.</summary>
    static abstract Vector512<uint> Carry(Vector512<uint> bits);
}

/// <summary>Rounds single-precision numbers to shorter ones of the same range.</summary>
/// <remarks>Whole numbers only, so that the bits are the same in every vector width. NaN stays NaN and infinity infinity; a number beyond the largest finite one becomes infinite.</remarks>
static class ShortMantissa<T>
    where T : struct, IShortMantissa
{
    /// <summary>Numbers of a vector.</summary>
    public const int Lanes = 16;

    const uint AbsoluteBits = 0x7FFF_FFFF, InfinityBits = 0x7F80_0000, QuietBit = 0x0040_0000;

    /// <summary>The nearest shorter number.</summary>
    public static float Round(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle(((bits & AbsoluteBits) > InfinityBits ? bits | QuietBit : bits + T.Carry(bits)) & T.Kept);
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

    /// <summary>The bits of the nearest shorter numbers.</summary>
    public static Vector512<uint> Nearest(Vector512<uint> bits)
    {
        var notNumber = Vector512.GreaterThan(bits & Vector512.Create(AbsoluteBits), Vector512.Create(InfinityBits));
        return Vector512.ConditionalSelect(notNumber, bits | Vector512.Create(QuietBit), bits + T.Carry(bits)) & Vector512.Create(T.Kept);
    }
}
