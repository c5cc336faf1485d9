using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>exp, sigmoid and tanh: one polynomial each, with the same bits in every vector width.</summary>
/// <remarks>
/// Range reduction and coefficients follow Cephes (Moshier) <c>expf.c</c> and <c>tanhf.c</c>. Worst errors over all 2^32 floats, where the result is a
/// normal number: exp 1.010 ulp, sigmoid 2.481, tanh 1.330 (docs/benchmarks.md).
/// </remarks>
static class Transcendental
{
    const float Log2E = 1.44269504088896341f;
    const float Ln2High = 0.693359375f, Ln2Low = -2.12194440e-4f;

    // Adding it leaves a number of magnitude below 2^22 rounded to an integer in the low bits of the sum.
    const float RoundingShift = 12582912f;

    // Within these bounds the power of two stays a normal number.
    const float ExpLow = -86.6f, ExpHigh = 88.3f;

    /// <summary><c>e^x</c>; arguments beyond about ±87 are limited to it. NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<V>(V x)
        where V : struct, ILanes<V>
    {
        x = Lanes.Clamp(x, ExpLow, ExpHigh);
        var shift = V.Splat(RoundingShift);
        var shifted = V.MultiplyAdd(x, V.Splat(Log2E), shift);
        var n = shifted - shift;
        var r = V.MultiplyAdd(n, V.Splat(-Ln2High), x);
        r = V.MultiplyAdd(n, V.Splat(-Ln2Low), r);

        var p = V.Splat(1.9875691500e-4f);
        p = V.MultiplyAdd(p, r, V.Splat(1.3981999507e-3f));
        p = V.MultiplyAdd(p, r, V.Splat(8.3334519073e-3f));
        p = V.MultiplyAdd(p, r, V.Splat(4.1665795894e-2f));
        p = V.MultiplyAdd(p, r, V.Splat(1.6666665459e-1f));
        p = V.MultiplyAdd(p, r, V.Splat(5.0000001201e-1f));
        p = V.MultiplyAdd(p, r * r, r);

        // The exponent of one is moved rather than that of the result, which may be a NaN whose low bits would turn it into a number.
        var scale = V.ScaleByPowerOfTwo(V.Splat(1f), shifted);
        return V.MultiplyAdd(p, scale, scale);
    }

    /// <summary><c>1 / (1 + e^-x)</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<V>(V x)
        where V : struct, ILanes<V>
    {
        var one = V.Splat(1f);
        return one / (one + Exp(V.Splat(0f) - x));
    }

    /// <summary><c>log(1 + e^-x)</c> for x of at least 0: <c>2 artanh(z)</c> with <c>z = e^-x/(2 + e^-x)</c>, at most 1/3, as its series.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LogOnePlusExpOfNegative<V>(V x)
        where V : struct, ILanes<V>
    {
        var power = Exp(V.Splat(0f) - x);
        var z = power / (V.Splat(2f) + power);
        var square = z * z;
        var p = V.Splat(1f / 15);
        p = V.MultiplyAdd(p, square, V.Splat(1f / 13));
        p = V.MultiplyAdd(p, square, V.Splat(1f / 11));
        p = V.MultiplyAdd(p, square, V.Splat(1f / 9));
        p = V.MultiplyAdd(p, square, V.Splat(1f / 7));
        p = V.MultiplyAdd(p, square, V.Splat(1f / 5));
        p = V.MultiplyAdd(p, square, V.Splat(1f / 3));
        var twice = z + z;
        return V.MultiplyAdd(p * square, twice, twice);
    }

    /// <summary>Hyperbolic tangent: an odd polynomial below 0.625, <c>1 - 2/(e^2|x| + 1)</c> with the sign of x above.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh<V>(V x)
        where V : struct, ILanes<V>
    {
        var magnitude = V.Abs(x);
        var one = V.Splat(1f);
        var large = V.CopySign(one - V.Splat(2f) / (Exp(magnitude + magnitude) + one), x);

        var square = x * x;
        var p = V.Splat(-5.70498872745e-3f);
        p = V.MultiplyAdd(p, square, V.Splat(2.06390887954e-2f));
        p = V.MultiplyAdd(p, square, V.Splat(-5.37397155531e-2f));
        p = V.MultiplyAdd(p, square, V.Splat(1.33314422036e-1f));
        p = V.MultiplyAdd(p, square, V.Splat(-3.33332819422e-1f));
        var small = V.MultiplyAdd(p * square, x, x);

        return V.SelectLess(magnitude, V.Splat(0.625f), small, large);
    }
}
