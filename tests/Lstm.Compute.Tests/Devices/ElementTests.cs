namespace LstmCluster.Compute.Tests;

public class ElementTests
{
    /// <summary>Every length across several vectors, and some beyond.</summary>
    internal static IEnumerable<int> Lengths => Enumerable.Range(0, 41).Concat([63, 64, 65, 127, 129, 255, 256, 257, 1000]);

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Sums_scaled_and_limited_elements_agree(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(14);
        foreach (var length in Lengths)
        {
            var (x, y) = (draw.Uniform(length), draw.Uniform(length));
            device.ShouldAgreeWithReference(placement, $"add {length}", run => run.Device.Add(run.Numbers("x", x), run.Numbers("y", y)), 1e-7);
            device.ShouldAgreeWithReference(placement, $"scale {length}", run => run.Device.Scale(run.Numbers("x", x), 0.3f), 1e-7);
            device.ShouldAgreeWithReference(placement, $"clamp {length}", run => run.Device.Clamp(run.Numbers("x", x), 0.5f), tolerance: 0);
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void A_limit_keeps_NaN_and_cuts_infinity(string name)
    {
        using var device = TestDevices.Open(name);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        foreach (var length in new[] { 4, 40 })
        {
            double[] edges = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0.25];
            var x = run.Numbers("x", [.. Enumerable.Range(0, length).Select(index => edges[index % 4])]);

            device.Clamp(x, 2);

            run.Read(x).ShouldBe(Enumerable.Range(0, length).Select(index => new[] { double.NaN, 2, -2, 0.25 }[index % 4]));
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Copied_and_filled_elements_are_exact(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(15);
        foreach (var length in Lengths)
        {
            var x = draw.Uniform(length);
            device.ShouldAgreeWithReference(
                placement, $"copy {length}", run => run.Device.Copy(run.Numbers("x", x), run.Unwritten("y", length)), tolerance: 0);
            device.ShouldAgreeWithReference(placement, $"fill {length}", run => run.Device.Fill(run.Unwritten("x", length), 1.5f), tolerance: 0);
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Elements_rounded_to_16_bits_are_exact(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(17);
        foreach (var length in Lengths)
        {
            var x = draw.Uniform(length);
            device.ShouldAgreeWithReference(placement, $"round {length}", run => run.Device.RoundToBf16(run.Numbers("x", x)), tolerance: 0);
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Tanh_and_its_gradient_agree(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(72);
        foreach (var length in Lengths)
        {
            var (x, dy) = (draw.Uniform(length, 3), draw.Uniform(length));
            device.ShouldAgreeWithReference(placement, $"tanh {length}", run =>
            {
                var (y, both, gradient) = (run.Unwritten("y", length), run.Numbers("x and y", x), run.Numbers("dy", dy));
                run.Device.Tanh(run.Numbers("x", x), y);
                run.Device.Tanh(both, both);
                run.Device.TanhGradient(y, gradient);
            }, 1e-6);
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Copied_columns_are_exact_and_leave_the_others(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(73);
        foreach (var width in Lengths.Where(length => length < 130))
        {
            foreach (var (rows, before, after) in new[] { (1, 0, 0), (3, 0, 5), (4, 7, 0), (2, 3, 2), (0, 1, 1) })
            {
                var (wide, narrow) = (draw.Integers(rows * (before + width + after), -9, 9), draw.Integers(rows * (width + 1), -9, 9));
                double[] Exact(int[] values) => Array.ConvertAll(values, value => (double)value);
                foreach (var add in new[] { false, true })
                {
                    device.ShouldAgreeWithReference(placement, $"width {width}, {rows} rows, {before} before, {after} after, add={add}", run =>
                    {
                        run.Device.CopyColumns(
                            rows, width, run.Numbers("narrow", Exact(narrow)), width + 1, 1, run.Numbers("into wide", Exact(wide)),
                            before + width + after, before, add);
                        run.Device.CopyColumns(
                            rows, width, run.Numbers("wide", Exact(wide)), before + width + after, before, run.Numbers("into narrow", Exact(narrow)),
                            width + 1, 0, add);
                    }, tolerance: 0);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void New_memory_is_zero(string name)
    {
        using var device = TestDevices.Open(name);
        using var buffer = device.Allocate(1000);
        var values = new float[1000];
        Array.Fill(values, float.NaN);

        device.Read(buffer.All, values);

        values.ShouldAllBe(x => x == 0);
    }

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Sums_of_squares_agree_in_double(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        using var reference = new ReferenceDevice<double>();
        var draw = new Draw(16);
        foreach (var (length, block) in Lengths.Where(length => length > 0).SelectMany(length => new[] { (length, 7), (length, 16), (length, length), (length, 5000) }))
        {
            var x = draw.Uniform(length);
            var (found, wanted) = (SumSquares(device, placement, x, block), SumSquares(reference, Placement.BetweenNotNumbers, x, block));

            // Squares are formed in double, so only the order of the sum may differ.
            Agreement.ShouldBeClose(found, wanted, 1e-14, $"{device.Name}, length {length}, blocks of {block}");
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void A_sum_of_squares_is_not_finite_when_an_element_is_not(string name)
    {
        using var device = TestDevices.Open(name);
        foreach (var bad in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            for (var place = 0; place < 40; place++)
            {
                var x = new Draw(17).Uniform(40);
                x[place] = bad;
                double.IsFinite(SumSquares(device, Placement.BetweenNotNumbers, x, 40)[0]).ShouldBeFalse($"{bad} at {place}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Squares_beyond_single_precision_do_not_overflow(string name)
    {
        using var device = TestDevices.Open(name);

        SumSquares(device, Placement.BetweenNotNumbers, [1e30f, -1e30f], 2)[0].ShouldBe(2 * (double)1e30f * 1e30f, 1e46);
    }

    static double[] SumSquares(IDevice device, Placement placement, double[] x, int block)
    {
        using var run = new Operands(device, placement);
        var sums = new double[(x.Length + block - 1) / block];
        Array.Fill(sums, double.NaN);
        device.SumSquares(run.Numbers("x", x), block, sums);
        return sums;
    }
}
