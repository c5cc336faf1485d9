namespace LstmCluster.Compute.Tests;

public class ScheduledSamplingTests
{
    const int Steps = 5, Rows = 13;

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Every_device_replaces_the_same_tokens(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(76);
        foreach (var classes in Enumerable.Range(1, 40).Concat([65, 100, 257]))
        {
            // Few distinct scores, so that the largest is often there twice.
            var scores = Array.ConvertAll(draw.Integers(Rows * classes, -3, 4), score => (double)score);
            var (keys, tokens) = (draw.Integers(2 * Rows, int.MinValue, int.MaxValue), draw.Integers(Steps * Rows, 0, classes));
            var mask = new DropoutMask(0.5f, Philox.KeyOf(42, classes), Stream: 3);
            device.ShouldAgreeWithReference(placement, $"classes={classes}", run =>
            {
                var (ids, given) = (run.Indices(tokens), run.Numbers("scores", scores));
                for (var step = 0; step < Steps; step += 2)
                    run.Device.ReplaceTokens(mask, run.Indices(keys), given, classes, step, Rows, ids);
                Show(run, ids, classes);
            }, tolerance: 0);
        }
    }

    /// <summary>The rule of the interface: a row is replaced where dropout with width 1 would drop.</summary>
    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Rows_that_dropout_would_drop_get_the_class_with_the_largest_score_and_the_others_keep_theirs(string name)
    {
        using var device = TestDevices.Open(name);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        var (draw, mask) = (new Draw(77), new DropoutMask(0.4f, 99, Stream: 5));
        var keys = run.Indices(draw.Integers(2 * Rows, 0, 1000));
        var ids = run.Indices([.. Enumerable.Repeat(3, Steps * Rows)]);
        var scores = run.Numbers("scores", [.. Enumerable.Range(0, Rows).SelectMany(_ => new[] { 0.5, -1, 2, 1 })]);
        var ones = run.Numbers("ones", [.. Enumerable.Repeat(1.0, Steps * Rows)]);

        for (var step = 0; step < Steps; step++)
            device.ReplaceTokens(mask, keys, scores, 4, step, Rows, ids);
        device.Dropout(mask, new(Steps, Rows), keys, 1, ones, ones);

        var kept = run.Read(ones);
        run.Read(Show(run, ids, 4)).ShouldBe(kept.Select(one => one == 0 ? 2.0 : 3));
        kept.ShouldContain(0);
        kept.ShouldContain(one => one > 0);
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void The_first_of_equal_scores_counts_and_a_NaN_never_does(string name)
    {
        using var device = TestDevices.Open(name);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        foreach (var classes in new[] { 7, 40 })
        {
            double[] Scores(params (int Index, double Score)[] set)
            {
                var scores = Enumerable.Repeat(-5.0, classes).ToArray();
                foreach (var (index, score) in set)
                    scores[index] = score;
                return scores;
            }

            var scores = run.Numbers("scores",
            [
                .. Scores((2, 1), (5, 1)), .. Scores((0, double.NaN), (4, -1), (classes - 1, double.NaN)), .. Scores((classes - 1, double.PositiveInfinity)),
                .. Enumerable.Repeat(double.NaN, classes), .. Enumerable.Repeat(double.NegativeInfinity, classes),
            ]);
            var ids = run.Indices(1, 1, 1, 1, 1);

            device.ReplaceTokens(Always, run.Indices(new int[10]), scores, classes, 0, 5, ids);

            run.Read(Show(run, ids, classes)).ShouldBe([2, 4, classes - 1, 0, 0]);
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Nothing_is_replaced_at_rate_zero_or_in_other_steps(string name)
    {
        using var device = TestDevices.Open(name);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        var (keys, scores) = (run.Indices(0, 1, 0, 2), run.Numbers("scores", [0, 1, 0, 1]));
        var ids = run.Indices(0, 0, 0, 0, 0, 0);

        device.ReplaceTokens(Always, keys, scores, 2, 1, 2, ids);
        device.ReplaceTokens(new(0, 1, 1), keys, scores, 2, 2, 2, ids);

        run.Read(Show(run, ids, 2)).ShouldBe([0, 0, 1, 1, 0, 0]);
    }

    /// <summary>So near to 1 that the words of these tests lie below its threshold.</summary>
    static DropoutMask Always => new(0.99999994f, 1, 1);

    /// <summary>Indices as numbers: what a table of its own row numbers gives for them.</summary>
    static DeviceSpan Show(Operands run, DeviceIndices ids, int classes)
    {
        var shown = run.Unwritten("ids", ids.Length);
        run.Device.EmbeddingForward(run.Numbers("table", [.. Enumerable.Range(0, classes).Select(id => (double)id)]), 1, ids, 0, ids.Length, shown);
        return shown;
    }
}
