namespace LstmCluster.Compute.Tests;

/// <summary>A batch of sequences of different lengths through a GRU or RNN computes exactly what each of them computes alone.</summary>
public class RecurrentPaddingTests
{
    const int Seed = 46;

    static readonly int[] Lengths = [6, 0, 1, 3, 5, 6, 2];

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void A_ragged_batch_has_the_bits_that_each_row_has_alone(string name)
    {
        using var device = TestDevices.Open(name);
        foreach (var ragged in Cases)
        {
            var (shape, H) = (ragged.Shape, ragged.Shape.Units);
            var together = Run(ragged, device, [.. Lengths.Select((_, row) => new RowRange(row, 1))]);
            for (var row = 0; row < Lengths.Length; row++)
            {
                var (length, only, label) = (Lengths[row], new RowRange(row, 1), $"row {row}, {ragged}");
                double[] Steps(double[] values, int steps, int width) => LstmCase.RowsOf(values, new(steps, shape.Rows), only, width);

                var alone = length == 0 ? Untouched(ragged, row) : Run(ragged.Alone(row), device, [new(0, 1)]);
                foreach (var ((tensor, values), (_, wanted)) in together.OverTime.Zip(alone.OverTime))
                {
                    var width = values.Length / shape.Batch.Positions;
                    Steps(values, length, width).ShouldHaveTheBitsOf(wanted, $"{tensor}, {label}");
                    Steps(values, shape.Steps, width)[(length * width)..].ShouldAllBe(padding => padding == 0, $"{tensor}, {label}");
                }

                Steps(together.Hidden, length + 1, H).ShouldHaveTheBitsOf(alone.Hidden, $"h, {label}");
                for (var slot = length; slot <= shape.Steps; slot++)
                    Steps(together.Hidden, slot + 1, H)[^H..].ShouldHaveTheBitsOf(alone.Hidden[^H..], $"h after the end, {label}");
                Steps(together.Dh0, 1, H).ShouldHaveTheBitsOf(alone.Dh0, $"dh(0), {label}");
                together.WeightGradients[row].ShouldHaveTheBitsOf(alone.WeightGradients.Single(), label);
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void What_stands_in_padding_changes_nothing(string name)
    {
        using var device = TestDevices.Open(name);
        RowRange[] shards = [new(0, 3), new(3, 4)];
        foreach (var ragged in Cases)
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
        foreach (var ragged in Cases)
        {
            var full = ragged.With(lengths: [.. Enumerable.Repeat(ragged.Shape.Steps, ragged.Shape.Rows)]);
            var whole = new RecurrentCase(ragged.Kind, ragged.Shape, Seed);

            Run(full, device, [new(0, 7)]).ShouldHaveTheBitsOf(Run(whole, device, [new(0, 7)]), $"{ragged}");
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void A_length_beyond_the_batch_is_refused(string name)
    {
        using var device = TestDevices.Open(name);
        foreach (var kind in Enum.GetValues<RecurrentKind>())
        {
            foreach (var length in new[] { -1, 4, int.MinValue, int.MaxValue })
            {
                var layer = new RecurrentCase(kind, new(3, 2, 1, 1), Seed) { Lengths = [1, length] };
                Should.Throw<ArgumentException>(() => Run(layer, device, []), $"{kind}, {length}");
            }
        }
    }

    static IEnumerable<RecurrentCase> Cases =>
        from kind in Enum.GetValues<RecurrentKind>()
        from units in new[] { 1, 5, 17, 33 }
        from reverse in new[] { false, true }
        select new RecurrentCase(kind, new(6, Lengths.Length, 5, units) { Reverse = reverse }, Seed) { Lengths = Lengths };

    static RecurrentOutcome Run(RecurrentCase layer, IDevice device, RowRange[] shards)
    {
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        return layer.On(run, shards: shards);
    }

    /// <summary>A sequence without steps: the state as it was, its gradient as it came, and no other.</summary>
    static RecurrentOutcome Untouched(RecurrentCase ragged, int row)
    {
        var alone = ragged.RowsAlone(new(row, 1));
        return new([], [], alone.H0) { Dh0 = alone.DhT, WeightGradients = { alone.Sums.Zeros() } };
    }
}
