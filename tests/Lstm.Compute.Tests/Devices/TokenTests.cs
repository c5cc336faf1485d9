namespace LstmCluster.Compute.Tests;

public class TokenTests
{
    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Gathered_embeddings_agree(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(10);
        foreach (var (vocabulary, width, count) in Tables())
        {
            var (table, tokens) = (draw.Uniform(vocabulary * width), Edges(draw.Integers(count, 0, vocabulary), 0, vocabulary - 1));
            device.ShouldAgreeWithReference(placement, $"V={vocabulary}, E={width}, count={count}", run => run.Device.EmbeddingForward(
                run.Numbers("table", table), width, run.Indices(tokens), 0, count, run.Unwritten("output", count * width)));
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Embeddings_of_windows_of_time_are_those_of_the_whole(string name)
    {
        using var device = TestDevices.Open(name);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        var (table, tokens) = (run.Numbers("table", new Draw(74).Uniform(7 * 3)), run.Indices(new Draw(74).Integers(20, 0, 7)));
        var (whole, parts) = (run.Unwritten("whole", 60), run.Unwritten("parts", 60));

        device.EmbeddingForward(table, 3, tokens, 0, 20, whole);
        foreach (var (first, count) in new[] { (0, 8), (8, 1), (9, 0), (9, 11) })
            device.EmbeddingForward(table, 3, tokens, first, count, parts.Slice(3 * first, 3 * count));

        run.Read(parts).ShouldBe(run.Read(whole));
    }

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Embedding_gradients_of_every_shard_agree(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(11);
        foreach (var (vocabulary, width, _) in Tables())
        {
            foreach (var (shape, rows) in new[] { (new BatchShape(1, 1), new RowRange(0, 1)), (new(5, 13), new(0, 13)), (new(5, 13), new(4, 5)), (new(3, 2), new(1, 1)) })
            {
                var (dy, tokens) = (draw.Uniform(shape.Positions * width), Edges(draw.Integers(shape.Positions, 0, vocabulary), 0, vocabulary - 1));
                device.ShouldAgreeWithReference(placement, $"V={vocabulary}, E={width}, {shape}, {rows}", run => run.Device.EmbeddingGradient(
                    shape, rows, width, run.Indices(tokens), run.Numbers("dy", dy), run.Unwritten("table gradient", vocabulary * width)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Softmax_cross_entropy_and_its_gradient_agree(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(12);
        foreach (var classes in Enumerable.Range(1, 40).Concat([65, 100, 257]))
        {
            foreach (var (count, limit) in new[] { (1, 1.0), (7, 10.0), (5, 80.0), (3, 1e4) })
            {
                var (logits, targets) = (draw.Uniform(count * classes, limit), Edges(draw.Integers(count, -1, classes), -1, classes - 1));
                foreach (var gradient in new[] { true, false })
                {
                    device.ShouldAgreeWithReference(placement, $"classes={classes}, count={count}, limit={limit}, gradient={gradient}", run =>
                        run.Device.SoftmaxCrossEntropy(
                            run.Numbers("logits", logits), classes, run.Indices(targets), count, run.Unwritten("losses", count), gradient), leastMagnitude: 1);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void An_ignored_target_has_no_loss_and_no_gradient(string name)
    {
        using var device = TestDevices.Open(name);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        var logits = run.Numbers("logits", new Draw(13).Uniform(3 * 21));
        var losses = run.Unwritten("losses", 3);

        device.SoftmaxCrossEntropy(logits, 21, run.Indices(5, -1, int.MinValue), 3, losses, gradient: true);

        run.Read(losses)[1..].ShouldBe([0, 0]);
        run.Read(losses)[0].ShouldBeGreaterThan(0);
        run.Read(logits)[21..].ShouldAllBe(x => x == 0);
        run.Read(logits)[5].ShouldBeLessThan(0);
    }

    /// <summary>Vocabulary, width and number of tokens: each from 1 to 40 beside others, and beyond.</summary>
    static IEnumerable<(int Vocabulary, int Width, int Count)> Tables() =>
        Enumerable.Range(1, 40).SelectMany(size => new[] { (size, 3, 7), (5, size, 6), (4, 17, size) }).Concat([(100, 65, 50), (1, 100, 1)]);

    /// <summary>Lets the first and last element be the least and the greatest that is allowed.</summary>
    static int[] Edges(int[] values, int least, int greatest)
    {
        (values[0], values[^1]) = (least, greatest);
        return values;
    }
}
