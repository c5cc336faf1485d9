namespace LstmCluster.Compute;

/// <summary>Functions in double precision from additions, multiplications and divisions alone, so that they have the same bits on every machine.</summary>
/// <remarks>The system's mathematics library may round the last bit differently; what enters the weights must not depend on it.</remarks>
public static class PortableMath
{
    /// <summary>Natural logarithm of a positive normal number: <c>2 artanh((m-1)/(m+1)) + e ln 2</c> with m within [sqrt(1/2), sqrt(2)).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The argument is not a positive normal number.</exception>
    public static double Log(double x)
    {
        if (!(x > 0) || !double.IsNormal(x)) throw new ArgumentOutOfRangeException(nameof(x), x, "must be positive and normal");
        var bits = BitConverter.DoubleToInt64Bits(x);
        var exponent = (int)(bits >> 52) - 1023;
        var mantissa = BitConverter.Int64BitsToDouble((bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000);
        if (mantissa > 1.4142135623730951)
        {
            mantissa /= 2;
            exponent++;
        }

        var z = (mantissa - 1) / (mantissa + 1);
        var square = z * z;
        var series = 0.0;
        for (var power = 25; power >= 1; power -= 2) series = (series * square) + (1.0 / power);
        return (2 * z * series) + (exponent * 0.69314718055994530942);
    }

    /// <summary><c>e^x</c> for x up to 700; below -700 it is 0. NaN stays NaN.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The argument is above 700.</exception>
    public static double Exp(double x)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(x, 700);
        if (x < -700) return 0;
        if (double.IsNaN(x)) return x;
        var n = Math.Round(x * 1.4426950408889634);

        // ln 2 in two parts, of which the first has enough trailing zeros for an exact product.
        var r = x - (n * 0.693147180369123816490) - (n * 1.90821492927058770002e-10);
        var series = 1.0;
        for (var term = 14; term >= 1; term--) series = 1 + (series * r / term);
        return Math.ScaleB(series, (int)n);
    }

    /// <summary><c>cos(pi x)</c> for x within [0,2].</summary>
    /// <exception cref="ArgumentOutOfRangeException">The argument lies outside.</exception>
    public static double CosPi(double x)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(x, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(x, 2);
        if (x > 1) x = 2 - x;
        return x > 0.5 ? -CosSeries(1 - x) : CosSeries(x);
    }

    /// <summary><c>value^exponent</c> by repeated squaring.</summary>
    public static double Power(double value, long exponent)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(exponent);
        var result = 1.0;
        for (; exponent > 0; exponent >>= 1, value *= value)
            if ((exponent & 1) == 1)
                result *= value;
        return result;
    }

    /// <summary>Taylor series of cos(pi x) for x within [0, 1/2]; the first term left out is below 1e-18.</summary>
    static double CosSeries(double x)
    {
        var square = Math.PI * x * (Math.PI * x);
        var series = 1.0;
        for (var term = 22; term >= 2; term -= 2) series = 1 - (series * square / (term * (term - 1)));
        return series;
    }
}
