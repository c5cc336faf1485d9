namespace LstmCluster.Compute.Tests;

public class AttentionTests
{
    /// <summary>Every size from 1 to 40 in each place beside small others, and some beyond several vectors and blocks of decoder time.</summary>
    internal static IEnumerable<AttentionShape> Shapes =>
        from extent in Enumerable.Range(1, 40)
            .SelectMany(size => new AttentionShape[]
            {
                new(2, 2, 3, size, 5), new(5, 1, 4, 3, size), new(4, 1, size, 9, 7), new(size, 2, 3, 4, 2),
            })
            .Concat(new[] { 1, 3, 17, 31, 33, 100 }.Select(units => new AttentionShape(2, 1, 3, units, units)))
            .Concat(
            [
                new(1, 1, 1, 1, 1), new(1, 3, 17, 33, 31), new(7, 3, 31, 100, 65), new(37, 2, 19, 33, 64), new(70, 1, 9, 17, 16), new(3, 5, 7, 129, 48),
                new(3, 2, 0, 5, 4), new(0, 2, 3, 5, 4), new(3, 0, 3, 5, 4),
            ])
        from score in Enum.GetValues<AttentionScore>()
        select extent with { Score = score };

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Weights_context_and_gradients_agree(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        foreach (var shape in Shapes)
        {
            foreach (var ragged in new[] { false, true })
            {
                var attention = new AttentionCase(shape, seed: 60, ragged);
                device.ShouldAgreeWithReference(placement, $"{attention}", run => attention.On(run), 2e-5);
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Windows_of_decoder_time_have_the_bits_of_one_call(string name)
    {
        using var device = TestDevices.Open(name);
        foreach (var shape in new AttentionShape[] { new(7, 2, 5, 19, 6), new(70, 1, 9, 17, 33), new(37, 2, 3, 8, 5), new(9, 3, 31, 33, 17) })
        {
            foreach (var score in Enum.GetValues<AttentionScore>())
            {
                var attention = new AttentionCase(shape with { Score = score }, seed: 61, ragged: true);
                var whole = Run(device, attention, 0).All(shape);
                foreach (var window in new[] { 1, 2, 3, 5, 32, 64 })
                {
                    foreach (var ((part, wanted, _, _), (_, found, _, _)) in whole.Zip(Run(device, attention, window).All(shape)))
                        found.ShouldHaveTheBitsOf(wanted, $"{part} in windows of {window}, {attention}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void A_rows_results_do_not_depend_on_the_other_rows(string name)
    {
        using var device = TestDevices.Open(name);
        foreach (var shape in new AttentionShape[] { new(5, 13, 7, 19, 33), new(1, 4, 17, 64, 100), new(34, 3, 5, 31, 1) })
        {
            foreach (var score in Enum.GetValues<AttentionScore>())
            {
                var together = new AttentionCase(shape with { Score = score }, seed: 62, ragged: true);
                var found = Run(device, together, 0).All(shape);
                for (var row = 0; row < shape.Rows; row++)
                {
                    var alone = Run(device, together.Row(row), 0).All(shape with { Rows = 1 });
                    foreach (var ((part, among, steps, width), (_, single, _, _)) in found.Zip(alone))
                        single.ShouldHaveTheBitsOf(LstmCase.RowsOf(among, new(steps, shape.Rows), new(row, 1), width), $"{part} of row {row}, {together}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Source_steps_beyond_a_rows_length_take_no_part_whatever_they_hold(string name)
    {
        using var device = TestDevices.Open(name);
        var shape = new AttentionShape(3, 4, 6, 5, 7);
        foreach (var score in Enum.GetValues<AttentionScore>())
        {
            var clean = new AttentionCase(shape with { Score = score }, seed: 63) with { Lengths = [6, 0, 1, 4] };
            var soiled = clean with { Keys = Soiled(clean.Keys, 5), Values = Soiled(clean.Values, 7) };
            var (wanted, found) = (Run(device, clean, 0), Run(device, soiled, 0));

            foreach (var ((part, values, _, _), (_, others, _, _)) in wanted.All(shape).Zip(found.All(shape)))
                others.ShouldHaveTheBitsOf(values, $"{part}, {clean}");
            OfPadding(found.DKeys, 5).ShouldBe(OfPadding(clean.DKeys, 5).Select(x => (double)(float)x));
            OfPadding(found.DValues, 7).ShouldBe(OfPadding(clean.DValues, 7).Select(x => (double)(float)x));
            Weights(found, row: 0).Sum().ShouldBe(3, 1e-5);
            Weights(found, row: 1).ShouldAllBe(weight => weight == 0);
            Weights(found, row: 2).ShouldBe([1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
            LstmCase.RowsOf(found.Context, new(3, 4), new(1, 1), 7).ShouldAllBe(x => x == 0);
            LstmCase.RowsOf(found.DQueries, new(3, 4), new(1, 1), 5).ShouldAllBe(x => x == 0);

            bool IsPadding(int index, int width) => index / width / 4 >= clean.Lengths![index / width % 4];
            double[] Soiled(double[] values, int width) => [.. values.Select((x, index) => IsPadding(index, width) ? double.NaN : x)];
            IEnumerable<double> OfPadding(double[] values, int width) => values.Where((_, index) => IsPadding(index, width));
        }

        double[] Weights(AttentionOutcome outcome, int row) => LstmCase.RowsOf(outcome.Weights, new(3, 4), new(row, 1), 6);
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Scores_far_beyond_the_range_of_the_exponential_do_not_overflow(string name)
    {
        using var device = TestDevices.Open(name);
        var attention = new AttentionCase(new(1, 1, 3, 1, 1), null)
        {
            Queries = [1e4],
            Keys = [-3, 3, 2],
            Values = [5, 6, 7],
            Dy = [1],
            DKeys = [0, 0, 0],
            DValues = [0, 0, 0],
        };

        var found = Run(device, attention, 0);

        found.Weights.ShouldBe([0, 1, 0], 1e-30);
        found.Context.ShouldBe([6], 1e-6);
        found.DValues.ShouldBe([0, 1, 0], 1e-30);
        found.DKeys.ShouldAllBe(x => double.IsFinite(x));
    }

    static AttentionOutcome Run(IDevice device, AttentionCase attention, int window)
    {
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        return attention.On(run, window);
    }
}
