using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Tests;

/// <summary>
/// Worst errors of the Cpu device's exp, sigmoid and tanh over every 509th float of the range. Over all floats they are 1.010, 2.481 and 1.330 ulp
/// (<c>Lstm.Benchmarks ulp</c>), so no sample may exceed those.
/// </summary>
public class TranscendentalTests
{
    // A prime, so that all low bits occur.
    const int Stride = 509;

    [Fact]
    public void Exp_is_within_1_01_ulp_where_its_result_is_normal() =>
        WorstError(-86.5f, 88.2f, Transcendental.Exp<Lanes8>, Math.Exp).ShouldBeLessThan(1.0105);

    [Fact]
    public void Sigmoid_is_within_2_48_ulp_where_its_result_is_normal() =>
        WorstError(-86.5f, 100f, Transcendental.Sigmoid<Lanes8>, x => 1 / (1 + Math.Exp(-x))).ShouldBeLessThan(2.4815);

    [Fact]
    public void Tanh_is_within_1_33_ulp() =>
        WorstError(-20f, 20f, Transcendental.Tanh<Lanes8>, Math.Tanh).ShouldBeLessThan(1.3305);

    [Fact]
    public void Beyond_their_range_the_functions_take_their_limits()
    {
        foreach (var large in new[] { 100f, 1e4f, float.MaxValue, float.PositiveInfinity })
        {
            At<Lanes8>(large, Transcendental.Sigmoid).ShouldBe(1f);
            At<Lanes8>(-large, Transcendental.Sigmoid).ShouldBe(0f, 1e-38f);
            At<Lanes8>(large, Transcendental.Tanh).ShouldBe(1f);
            At<Lanes8>(-large, Transcendental.Tanh).ShouldBe(-1f);
            At<Lanes8>(-large, Transcendental.Exp).ShouldBe(0f, 1e-37f);
        }
    }

    [Fact]
    public void NaN_stays_NaN_whatever_its_payload()
    {
        for (var payload = 1; payload < 1 << 23; payload += 4099)
        {
            foreach (var sign in new[] { 0, int.MinValue })
            {
                var notNumber = BitConverter.Int32BitsToSingle(sign | 0x7F800000 | payload);
                At<Lanes8>(notNumber, Transcendental.Exp).ShouldBe(float.NaN, $"exp, payload {payload}");
                At<Lanes8>(notNumber, Transcendental.Sigmoid).ShouldBe(float.NaN, $"sigmoid, payload {payload}");
                At<Lanes8>(notNumber, Transcendental.Tanh).ShouldBe(float.NaN, $"tanh, payload {payload}");
            }
        }
    }

    [Fact]
    public void Tanh_is_odd()
    {
        for (var x = 0.01f; x < 10; x += 0.01f)
            BitConverter.SingleToInt32Bits(At<Lanes8>(-x, Transcendental.Tanh)).ShouldBe(BitConverter.SingleToInt32Bits(-At<Lanes8>(x, Transcendental.Tanh)));
    }

    [Fact]
    public void Every_width_has_the_same_bits()
    {
        for (var x = -100f; x < 100; x += 0.0973f)
        {
            Same(x, Transcendental.Exp, Transcendental.Exp, Transcendental.Exp, Transcendental.Exp);
            Same(x, Transcendental.Sigmoid, Transcendental.Sigmoid, Transcendental.Sigmoid, Transcendental.Sigmoid);
            Same(x, Transcendental.Tanh, Transcendental.Tanh, Transcendental.Tanh, Transcendental.Tanh);
        }

        static void Same(float x, Func<Lanes1, Lanes1> one, Func<Lanes4, Lanes4> four, Func<Lanes8, Lanes8> eight, Func<Lanes16, Lanes16> sixteen)
        {
            var wanted = BitConverter.SingleToInt32Bits(At(x, one));
            foreach (var found in new[] { At(x, four), At(x, eight), At(x, sixteen) })
                BitConverter.SingleToInt32Bits(found).ShouldBe(wanted, $"at {x:R}");
        }
    }

    static unsafe float At<V>(float x, Func<V, V> function)
        where V : struct, ILanes<V>
    {
        var result = stackalloc float[V.Count];
        V.Store(function(V.Splat(x)), result);
        return result[0];
    }

    /// <summary>Largest distance from the true value, in units of the last place of the true value rounded to single precision.</summary>
    static unsafe double WorstError(float from, float to, Func<Lanes8, Lanes8> function, Func<double, double> exact)
    {
        var worst = 0.0;
        var x = stackalloc float[8];
        var result = stackalloc float[8];
        for (int first = Ordered(from), last = Ordered(to); first <= last; first += 8 * Stride)
        {
            for (var lane = 0; lane < 8; lane++)
                x[lane] = FromOrdered(Math.Min(last, first + (lane * Stride)));
            Lanes8.Store(function(Lanes8.Load(x)), result);
            for (var lane = 0; lane < 8; lane++)
            {
                var wanted = exact(x[lane]);
                var rounded = Math.Abs((float)wanted);
                worst = Math.Max(worst, Math.Abs(result[lane] - wanted) / (MathF.BitIncrement(rounded) - (double)rounded));
            }
        }

        return worst;
    }

    // Floats in ascending order are whole numbers in ascending order, once the negative ones are turned round.
    static int Ordered(float x) => BitConverter.SingleToInt32Bits(x) is var bits && bits < 0 ? int.MinValue - bits : bits;

    static float FromOrdered(int ordered) => BitConverter.Int32BitsToSingle(ordered < 0 ? int.MinValue - ordered : ordered);
}
