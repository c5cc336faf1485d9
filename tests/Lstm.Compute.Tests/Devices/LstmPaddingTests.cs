namespace LstmCluster.Compute.Tests;

/// <summary>A batch of sequences of different lengths computes exactly what each of them computes alone.</summary>
public class LstmPaddingTests
{
    static readonly int[] Lengths = [6, 0, 1, 3, 5, 6, 2];

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void A_ragged_batch_has_the_bits_that_each_row_has_alone(string name)
    {
        using var device = TestDevices.Open(name);
        foreach (var ragged in Cases(device))
        {
            var (shape, label) = (ragged.Shape, $"{ragged}");
            var (P, H, rows) = (shape.Outputs, shape.Units, shape.GateRows);
            using var run = new Operands(device, Placement.BetweenNotNumbers);
            var together = ragged.On(run, shards: [.. Lengths.Select((_, row) => new RowRange(row, 1))]);
            for (var row = 0; row < Lengths.Length; row++)
            {
                var (length, only) = (Lengths[row], new RowRange(row, 1));
                double[] Steps(double[] values, int steps, int width) => LstmCase.RowsOf(values, new(steps, shape.Rows), only, width);
                double[] Padding(double[] values, int width) => Steps(values, shape.Steps, width)[(length * width)..];

                var alone = length == 0 ? Untouched(ragged, row) : Run(ragged.Alone(row), device);
                Steps(together.Hidden, length + 1, P).ShouldHaveTheBitsOf(alone.Hidden, $"h of row {row}, {label}");
                Steps(together.Cells, length + 1, H).ShouldHaveTheBitsOf(alone.Cells, $"c of row {row}, {label}");
                Steps(together.Gates, length, rows).ShouldHaveTheBitsOf(alone.Gates, $"gates of row {row}, {label}");
                Steps(together.Dz, length, rows).ShouldHaveTheBitsOf(alone.Dz, $"dz of row {row}, {label}");
                Steps(together.Dh, length, P).ShouldHaveTheBitsOf(alone.Dh, $"dh of row {row}, {label}");
                Steps(together.Dx, length, shape.Inputs).ShouldHaveTheBitsOf(alone.Dx, $"dx of row {row}, {label}");
                Steps(together.Dh0, 1, P).ShouldHaveTheBitsOf(alone.Dh0, $"dh(0) of row {row}, {label}");
                Steps(together.Dc0, 1, H).ShouldHaveTheBitsOf(alone.Dc0, $"dc(0) of row {row}, {label}");
                together.WeightGradients[row].ShouldHaveTheBitsOf(alone.WeightGradients.Single(), $"row {row}, {label}");

                Padding(together.Gates, rows).ShouldAllBe(gate => gate == 0, label);
                Padding(together.Dz, rows).ShouldAllBe(gradient => gradient == 0, label);
                Padding(together.Dh, P).ShouldAllBe(gradient => gradient == 0, label);
                Padding(together.Dx, shape.Inputs).ShouldAllBe(gradient => gradient == 0, label);
                for (var slot = length; slot <= shape.Steps; slot++)
                {
                    Steps(together.Hidden, slot + 1, P)[^P..].ShouldHaveTheBitsOf(alone.Hidden[^P..], $"h after row {row}, {label}");
                    Steps(together.Cells, slot + 1, H)[^H..].ShouldHaveTheBitsOf(alone.Cells[^H..], $"c after row {row}, {label}");
                }
            }
        }
    }

    /// <summary>More rows than a product takes at once, which end in any order.</summary>
    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Many_rows_that_end_in_any_order_have_the_bits_that_each_has_alone(string name)
    {
        using var device = TestDevices.Open(name);
        foreach (var units in device is ReferenceDevice<float> ? new[] { 2 } : [3, 17])
        {
            var ragged = new LstmCase(new(5, 300, 4, units), Seed).Ragged(seed: units);
            var (shape, whole) = (ragged.Shape, Run(ragged, device, [new(0, 150), new(150, 150)]));
            foreach (var row in new[] { 0, 1, 127, 128, 200, 298 })
            {
                var length = ragged.Lengths![row];
                if (length == 0) continue;
                double[] Steps(double[] values, int steps, int width) => LstmCase.RowsOf(values, new(steps, shape.Rows), new(row, 1), width);
                var alone = Run(ragged.Alone(row), device);
                Steps(whole.Hidden, length + 1, units).ShouldHaveTheBitsOf(alone.Hidden, $"h of row {row}");
                Steps(whole.Dz, length, 4 * units).ShouldHaveTheBitsOf(alone.Dz, $"dz of row {row}");
                Steps(whole.Dx, length, shape.Inputs).ShouldHaveTheBitsOf(alone.Dx, $"dx of row {row}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void What_stands_in_padding_changes_nothing(string name)
    {
        using var device = TestDevices.Open(name);
        RowRange[] shards = [new(0, 3), new(3, 4)];
        foreach (var ragged in Cases(device))
        {
            var zeros = Run(ragged.With(x: ragged.Padded(ragged.X, 0), dy: ragged.Padded(ragged.Dy, 0)), device, shards);
            var garbage = Run(ragged.With(x: ragged.Padded(ragged.X, -1e6), dy: ragged.Padded(ragged.Dy, double.NaN)), device, shards);

            garbage.ShouldHaveTheBitsOf(zeros, $"{ragged}");
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Full_lengths_are_no_lengths(string name)
    {
        using var device = TestDevices.Open(name);
        foreach (var ragged in Cases(device))
        {
            var full = ragged.With(lengths: [.. Enumerable.Repeat(ragged.Shape.Steps, ragged.Shape.Rows)]);
            var whole = new LstmCase(ragged.Shape, seed: Seed);

            Run(full, device).ShouldHaveTheBitsOf(Run(whole, device), $"{ragged}");
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void A_length_beyond_the_batch_is_refused(string name)
    {
        using var device = TestDevices.Open(name);
        foreach (var length in new[] { -1, 4, int.MinValue, int.MaxValue })
        {
            var layer = new LstmCase(new(3, 2, 1, 1), seed: 36) { Lengths = [1, length] };
            Should.Throw<ArgumentException>(() => Run(layer, device), $"{length}");
        }
    }

    const int Seed = 35;

    /// <summary>The reference is slow: fewer units there.</summary>
    static IEnumerable<LstmCase> Cases(IDevice device) =>
        from units in device is ReferenceDevice<float> ? new[] { 1, 5 } : [1, 5, 17, 33]
        from options in LstmVariants.InBothDirections
        select new LstmCase(new(6, Lengths.Length, 5, units) { Options = options }, Seed) { Lengths = Lengths };

    static LstmOutcome Run(LstmCase layer, IDevice device, RowRange[]? shards = null)
    {
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        return layer.On(run, shards: shards ?? [new(0, layer.Shape.Rows)]);
    }

    /// <summary>A sequence without steps: the state as it was, its gradient as it came, and no other.</summary>
    static LstmOutcome Untouched(LstmCase ragged, int row)
    {
        var alone = ragged.Row(row);
        static double[] Zeros(double[] like) => new double[like.Length];
        var sums = alone.Sums;
        return new LstmOutcome([], alone.C0, alone.H0)
        {
            Dh0 = alone.DhT,
            Dc0 = alone.DcT,
            WeightGradients =
            {
                new(Zeros(sums.W), Zeros(sums.U), Zeros(sums.B))
                {
                    Peephole = Zeros(sums.Peephole),
                    Projection = Zeros(sums.Projection),
                    InputNorm = Zeros(sums.InputNorm),
                    RecurrentNorm = Zeros(sums.RecurrentNorm),
                    CellNorm = Zeros(sums.CellNorm),
                },
            },
        };
    }
}
