using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>A vector of single-precision lanes. Kernels are written once over it and compiled for each width.</summary>
/// <remarks>
/// Only operations that IEEE 754 rounds correctly, or that are exact, belong here: then a kernel gives the same bits in every width
/// and on every processor.
/// </remarks>
unsafe interface ILanes<V>
    where V : struct, ILanes<V>
{
    /// <summary>Number of lanes: 4, 8 or 16.</summary>
    static abstract int Count { get; }

    /// <summary>Rows of a matrix product tile that the register file of this width holds.</summary>
    static abstract int TileRows { get; }

    static abstract V Load(float* source);

    static abstract void Store(V value, float* target);

    static abstract V Splat(float value);

    /// <summary><c>a*b + c</c>, rounded once.</summary>
    static abstract V MultiplyAdd(V a, V b, V c);

    static abstract V operator +(V a, V b);

    static abstract V operator -(V a, V b);

    static abstract V operator *(V a, V b);

    static abstract V operator /(V a, V b);

    static abstract V Sqrt(V a);

    static abstract V Abs(V a);

    static abstract V CopySign(V magnitude, V sign);

    /// <summary>Lane by lane <c>a &lt; b ? less : otherwise</c>; a NaN compares false.</summary>
    static abstract V SelectLess(V a, V b, V less, V otherwise);

    /// <summary>Adds the low bits of <paramref name="n"/>, as they stand after adding 1.5*2^23, to the exponent of <paramref name="value"/>.</summary>
    static abstract V ScaleByPowerOfTwo(V value, V n);

    /// <summary>Lane by lane <c>word &lt; threshold ? 0 : value</c>, unsigned.</summary>
    static abstract V ZeroBelow(uint* words, uint threshold, V value);
}

/// <summary>Shorthands over any width.</summary>
static class Lanes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Clamp<V>(V x, float low, float high)
        where V : struct, ILanes<V>
    {
        // Select rather than min and max: a NaN must stay NaN on every processor.
        var lowest = V.Splat(low);
        var highest = V.Splat(high);
        x = V.SelectLess(x, lowest, lowest, x);
        return V.SelectLess(highest, x, highest, x);
    }
}
