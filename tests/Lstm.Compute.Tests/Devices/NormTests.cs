namespace LstmCluster.Compute.Tests;

public class NormTests
{
    // Of one or two features a normalised vector has no freedom: what is left of their gradient is rounding of terms that cancel.
    const double LeastMagnitude = 0.1;

    /// <summary>Time steps, rows and width: every width from 1 to 40, and some beyond.</summary>
    internal static IEnumerable<(int T, int N, int Width)> Cases => Enumerable.Range(1, 40).Select(width => (3, 2, width)).Concat(Enumerable.Range(1, 40).Select(width => (2, 1, width))).Concat(
        [(1, 1, 1), (5, 13, 64), (2, 3, 65), (1, 1, 100), (4, 1, 257), (0, 2, 5)]);

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Normalised_vectors_and_their_gradients_agree(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(65);
        foreach (var (T, N, width) in Cases)
        {
            var (x, norm, dy) = (draw.Uniform(T * N * width), draw.Uniform(2 * width), draw.Uniform(T * N * width));
            device.ShouldAgreeWithReference(placement, $"T={T}, N={N}, width={width}", run => Run(run, T, N, width, x, norm, dy), 5e-5, LeastMagnitude);
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void The_output_may_be_the_input(string name)
    {
        using var device = TestDevices.Open(name);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        var (x, norm) = (new Draw(66).Uniform(3 * 17), run.Numbers("norm", new Draw(67).Uniform(34)));
        var (both, apart) = (run.Numbers("x", x), run.Unwritten("y", 3 * 17));

        device.NormForward(3, 17, run.Numbers("other x", x), norm, run.Unwritten("normalized", 51), run.Unwritten("deviations", 3), apart);
        device.NormForward(3, 17, both, norm, run.Unwritten("normalized", 51), run.Unwritten("deviations", 3), both);

        run.Read(both).ShouldHaveTheBitsOf(run.Read(apart), name);
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void A_shards_gradient_does_not_depend_on_the_other_shards_and_accumulating_is_adding(string name)
    {
        using var device = TestDevices.Open(name);
        var (shape, draw) = (new BatchShape(9, 13), new Draw(68));
        foreach (var width in new[] { 1, 17, 33, 100 })
        {
            var (dy, normalized, before) = (draw.Uniform(117 * width), draw.Uniform(117 * width), draw.Uniform(2 * width));
            foreach (var rows in new RowRange[] { new(0, 13), new(0, 1), new(4, 5), new(12, 1) })
            {
                using var run = new Operands(device, Placement.BetweenNotNumbers);
                var (among, alone, sum) = (run.Unwritten("among", 2 * width), run.Unwritten("alone", 2 * width), run.Numbers("sum", before));
                var (all, kept) = (run.Numbers("dy", dy), run.Numbers("normalized", normalized));
                device.NormWeightGradient(shape, rows, width, all, kept, among, accumulate: false);
                device.NormWeightGradient(
                    shape with { Rows = rows.Count }, new(0, rows.Count), width, run.Numbers("own dy", LstmCase.RowsOf(dy, shape, rows, width)),
                    run.Numbers("own normalized", LstmCase.RowsOf(normalized, shape, rows, width)), alone, accumulate: false);
                device.NormWeightGradient(shape, rows, width, all, kept, sum, accumulate: true);
                var added = run.Numbers("added", before);
                device.Add(added, among);

                run.Read(alone).ShouldHaveTheBitsOf(run.Read(among), $"{rows}, width {width}");
                run.Read(sum).ShouldHaveTheBitsOf(run.Read(added), $"{rows}, width {width}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void A_constant_vector_becomes_the_shift(string name)
    {
        using var device = TestDevices.Open(name);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        var y = run.Unwritten("y", 4);

        device.NormForward(
            1, 4, run.Numbers("x", [0.5, 0.5, 0.5, 0.5]), run.Numbers("norm", [1, 2, 3, 4, 5, 6, 7, 8]), run.Unwritten("normalized", 4),
            run.Unwritten("deviations", 1), y);

        run.Read(y).ShouldBe([5, 6, 7, 8], 1e-6);
    }

    /// <summary>Forward, backward and weight gradients of all rows and of the last.</summary>
    internal static void Run(Operands run, int T, int N, int width, double[] x, double[] norm, double[] dy)
    {
        var (count, device) = (T * N, run.Device);
        var (gainAndShift, normalized, deviations) = (run.Numbers("norm", norm), run.Unwritten("normalized", x.Length), run.Unwritten("deviations", count));
        var (output, dx, gradient) = (run.Numbers("dy", dy), run.Unwritten("dx", x.Length), run.Numbers("gradient", norm));
        device.NormForward(count, width, run.Numbers("x", x), gainAndShift, normalized, deviations, run.Unwritten("y", x.Length));
        device.NormBackward(count, width, gainAndShift, normalized, deviations, output, dx);
        device.NormWeightGradient(new(T, N), new(0, N), width, output, normalized, gradient, accumulate: true);
        device.NormWeightGradient(new(T, N), new(N - 1, 1), width, output, normalized, run.Unwritten("last", norm.Length), accumulate: false);
    }
}
