namespace LstmCluster.Compute.Tests;

public class PoolingTests
{
    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Pooled_sequences_and_their_gradients_agree(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(70);
        foreach (var (shape, width) in Extents())
        {
            var (dy, lengths) = (draw.Uniform(shape.Rows * width), Lengths(draw, shape));

            // Few distinct values, so that the largest is often there twice.
            var x = Padded(draw.Integers(shape.Positions * width, -3, 4).Select(number => (double)number).ToArray(), shape, width, lengths);
            foreach (var kind in Enum.GetValues<Pooling>())
            {
                device.ShouldAgreeWithReference(placement, $"{kind}, {shape}, width={width}", run =>
                {
                    var (input, output, steps) = (run.Numbers("x", x), run.Unwritten("y", shape.Rows * width), run.Indices(lengths));
                    run.Device.PoolForward(kind, shape, width, steps, input, output);
                    run.Device.PoolBackward(kind, shape, width, steps, input, output, run.Numbers("dy", dy), run.Unwritten("dx", x.Length));
                }, 1e-6, leastMagnitude: 1);
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void A_sequence_among_others_has_the_bits_that_it_has_alone(string name)
    {
        using var device = TestDevices.Open(name);
        var (shape, draw) = (new BatchShape(7, 5), new Draw(71));
        foreach (var width in new[] { 1, 3, 17, 33 })
        {
            int[] lengths = [7, 1, 4, 6, 2];
            var (x, dy) = (draw.Uniform(shape.Positions * width), draw.Uniform(shape.Rows * width));
            foreach (var kind in Enum.GetValues<Pooling>())
            {
                var (y, dx) = Pool(device, kind, shape, width, lengths, x, dy);
                for (var row = 0; row < shape.Rows; row++)
                {
                    var (own, length) = (new RowRange(row, 1), lengths[row]);
                    var (aloneY, aloneDx) = Pool(
                        device, kind, new(length, 1), width, [length], LstmCase.RowsOf(x, shape, own, width)[..(length * width)],
                        dy[(row * width)..((row + 1) * width)]);

                    y[(row * width)..((row + 1) * width)].ShouldHaveTheBitsOf(aloneY, $"{kind}, y of row {row}");
                    var among = LstmCase.RowsOf(dx, shape, own, width);
                    among[..(length * width)].ShouldHaveTheBitsOf(aloneDx, $"{kind}, dx of row {row}");
                    among[(length * width)..].ShouldAllBe(gradient => gradient == 0);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void A_NaN_within_the_sequence_is_its_maximum(string name)
    {
        using var device = TestDevices.Open(name);
        for (var step = 0; step < 4; step++)
        {
            var x = new Draw(72).Uniform(4 * 19);
            x[(step * 19) + 18] = x[step * 19] = double.NaN;

            var (y, _) = Pool(device, Pooling.Max, new(4, 1), 19, [4], x, new double[19]);

            y.Select(double.IsNaN).ShouldBe(Enumerable.Range(0, 19).Select(feature => feature is 0 or 18));
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Infinities_are_pooled_as_numbers(string name)
    {
        using var device = TestDevices.Open(name);

        var (y, _) = Pool(
            device, Pooling.Max, new(2, 1), 3, [2],
            [double.NegativeInfinity, double.PositiveInfinity, 1, double.NegativeInfinity, double.PositiveInfinity, double.NegativeInfinity], new double[3]);

        y.ShouldBe([double.NegativeInfinity, double.PositiveInfinity, 1]);
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Lengths_beyond_the_batch_are_refused(string name)
    {
        using var device = TestDevices.Open(name);
        foreach (var length in new[] { -1, 4, int.MinValue, int.MaxValue })
            Should.Throw<ArgumentException>(() => Pool(device, Pooling.Mean, new(3, 2), 5, [3, length], new double[30], new double[10]));
    }

    static (double[] Y, double[] Dx) Pool(IDevice device, Pooling kind, BatchShape shape, int width, int[] lengths, double[] x, double[] dy)
    {
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        var (input, output, steps) = (run.Numbers("x", x), run.Unwritten("y", dy.Length), run.Indices(lengths));
        var dx = run.Unwritten("dx", x.Length);
        device.PoolForward(kind, shape, width, steps, input, output);
        device.PoolBackward(kind, shape, width, steps, input, output, run.Numbers("dy", dy), dx);
        return (run.Read(output), run.Read(dx));
    }

    static IEnumerable<(BatchShape Shape, int Width)> Extents() =>
        Enumerable.Range(1, 40).SelectMany(size => new[] { (new BatchShape(3, 2), size), (new(size, 3), 5), (new(4, size), 17), (new(3, 1), size) })
            .Concat([(new(1, 1), 1), (new(9, 4), 100), (new(2, 2), 257)]);

    /// <summary>Any lengths, the least and the greatest among them.</summary>
    internal static int[] Lengths(Draw draw, BatchShape shape)
    {
        var lengths = draw.Integers(shape.Rows, 0, shape.Steps + 1);
        (lengths[0], lengths[^1]) = (0, shape.Steps);
        return lengths;
    }

    /// <summary>Padding that must not be looked at.</summary>
    static double[] Padded(double[] x, BatchShape shape, int width, int[] lengths)
    {
        for (var t = 0; t < shape.Steps; t++)
            for (var n = 0; n < shape.Rows; n++)
                if (t >= lengths[n])
                    Array.Fill(x, double.NaN, ((t * shape.Rows) + n) * width, width);
        return x;
    }
}
