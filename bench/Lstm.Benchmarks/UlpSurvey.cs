using System.Globalization;
using LstmCluster.Compute.Cpu;

namespace LstmCluster.Benchmarks;

/// <summary>How far the Cpu device's exp, sigmoid and tanh are from the truth, over all floats.</summary>
/// <remarks>The truth is the double-precision function; an ulp is that of the truth rounded to single precision.</remarks>
public static class UlpSurvey
{
    // One lane width stands for all: a test holds them to the same bits.
    delegate Lanes8 Function(Lanes8 x);

    /// <summary>Surveys the three functions.</summary>
    /// <param name="stride">1 for all floats; else every so many-th of them.</param>
    public static IReadOnlyList<UlpFigures> Run(uint stride) =>
    [
        Survey("exp", -86.5f, 88.2f, Transcendental.Exp, Math.Exp, stride),
        Survey("sigmoid", -86.5f, float.PositiveInfinity, Transcendental.Sigmoid, x => 1 / (1 + Math.Exp(-x)), stride),
        Survey("tanh", float.NegativeInfinity, float.PositiveInfinity, Transcendental.Tanh, Math.Tanh, stride),
    ];

    /// <summary>Surveys and prints a Markdown table.</summary>
    /// <param name="stride">1 for all floats; else every so many-th of them.</param>
    public static void Print(uint stride)
    {
        Console.WriteLine("| function | floats | from | to | worst error, ulp | at | worst error below, absolute | NaNs lost |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var f in Run(stride))
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {f.Function} | {f.Floats:N0} | {f.From:R} | {f.To:R} | {f.WorstUlp:F3} | {f.WorstAt:R} | {f.WorstBelow:G2} | {f.LostNotNumbers} |"));
        }
    }

    static unsafe UlpFigures Survey(string name, float from, float to, Function function, Func<double, double> exact, uint stride)
    {
        const int Width = 8;
        float* x = stackalloc float[Width], y = stackalloc float[Width];
        var (worst, worstAt, worstBelow, lost, floats) = (0.0, 0f, 0.0, 0L, 0L);
        for (var first = 0L; first <= uint.MaxValue; first += Width * (long)stride)
        {
            for (var lane = 0; lane < Width; lane++)
                x[lane] = BitConverter.UInt32BitsToSingle((uint)Math.Min(uint.MaxValue, first + (lane * (long)stride)));
            Lanes8.Store(function(Lanes8.Load(x)), y);
            for (var lane = 0; lane < Width; lane++)
            {
                floats++;
                if (float.IsNaN(x[lane]))
                {
                    if (!float.IsNaN(y[lane])) lost++;
                    continue;
                }

                if (x[lane] > to) continue;
                var truth = exact(x[lane]);
                var error = Math.Abs(y[lane] - truth);
                if (x[lane] < from)
                {
                    worstBelow = Math.Max(worstBelow, error);
                    continue;
                }

                // Nothing is worse than a NaN where a number belongs.
                var ulps = double.IsNaN(error) ? double.PositiveInfinity : error / Ulp((float)truth);
                if (ulps > worst) (worst, worstAt) = (ulps, x[lane]);
            }
        }

        return new UlpFigures(name, floats, from, to, worst, worstAt, worstBelow, lost);
    }

    /// <summary>The distance from a float to the next larger magnitude.</summary>
    static double Ulp(float value)
    {
        var exponent = Math.Max(1, (BitConverter.SingleToInt32Bits(value) >> 23) & 0xFF);
        return BitConverter.Int64BitsToDouble((long)(exponent - 150 + 1023) << 52);
    }
}

/// <summary>What <see cref="UlpSurvey"/> found out about one function.</summary>
/// <param name="Function">Its name.</param>
/// <param name="Floats">Arguments looked at.</param>
/// <param name="From">The least argument whose result is a normal number: from here on errors count in ulp.</param>
/// <param name="To">The greatest argument that is not limited.</param>
/// <param name="WorstUlp">The largest error in units of the last place.</param>
/// <param name="WorstAt">Where.</param>
/// <param name="WorstBelow">The largest absolute error below <paramref name="From"/>.</param>
/// <param name="LostNotNumbers">Arguments that were no numbers and whose result was one.</param>
public sealed record UlpFigures(
    string Function, long Floats, float From, float To, double WorstUlp, float WorstAt, double WorstBelow, long LostNotNumbers);
