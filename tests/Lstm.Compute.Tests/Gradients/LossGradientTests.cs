namespace LstmCluster.Compute.Tests;

public sealed class LossGradientTests : IDisposable
{
    readonly ReferenceDevice<double> _device = new();

    [Fact]
    public void The_gradient_of_smoothed_cross_entropy_is_the_derivative() => OperationGradientTests.ForRandomExtents((T, N, classes, scale) =>
    {
        var draw = new Draw(T + N + classes + scale);
        var (logits, targets) = (draw.Uniform(T * N * classes, scale), draw.Integers(T * N, -1, classes));

        Check(logits, T * N, (run, x, losses, gradient) =>
            _device.SmoothedCrossEntropy(x, classes, run.Indices(targets), T * N, 0.125f * scale, losses, gradient));
    });

    [Fact]
    public void The_gradients_of_dense_losses_are_the_derivatives() => OperationGradientTests.ForRandomExtents((T, N, width, scale) =>
    {
        var (draw, count) = (new Draw(T + N + width + scale), T * N);
        var (t, mask) = (draw.Positive(count * width), draw.Integers(count, 0, 2));

        // Whole quarters beside the target, never the whole one where Huber's line begins and the second derivative ends.
        int[] quarters = [-9, -6, -3, -1, 0, 2, 3, 5, 8];
        var differences = draw.Integers(count * width, 0, quarters.Length).Select(index => quarters[index] / 4.0).ToArray();
        double[] Outputs() => [.. t.Zip(differences, (target, difference) => target + difference)];

        Check(Outputs(), count, (run, x, losses, gradient) =>
            _device.BinaryCrossEntropy(x, run.Numbers("t", t), count, width, run.Indices(mask), losses, gradient));
        Check(Outputs(), count, (run, x, losses, gradient) =>
            _device.SquaredError(x, run.Numbers("t", t), count, width, run.Indices(mask), losses, gradient));
        Check(Outputs(), count, (run, x, losses, gradient) =>
            _device.HuberLoss(x, run.Numbers("t", t), count, width, 1f, run.Indices(mask), losses, gradient));
    });

    [Fact]
    public void The_gradients_of_poolings_are_the_derivatives() => OperationGradientTests.ForRandomExtents((T, N, width, seed) =>
    {
        var (draw, shape) = (new Draw(T + N + width + seed), new BatchShape(T, N));
        var (dy, lengths) = (draw.Uniform(N * width), PoolingTests.Lengths(draw, shape));

        // Apart by more than a difference's step, so that the largest stays the largest.
        var x = Enumerable.Range(0, T * N * width).Select(index => index * 37 % 1009 * 0.02).ToArray();
        foreach (var kind in Enum.GetValues<Pooling>())
        {
            using var run = new Operands(_device, Placement.BetweenNotNumbers);
            var (input, steps) = (run.Numbers("x", x), run.Indices(lengths));
            var (y, dx) = (run.Unwritten("y", dy.Length), run.Unwritten("dx", x.Length));
            _device.PoolForward(kind, shape, width, steps, input, y);
            _device.PoolBackward(kind, shape, width, steps, input, y, run.Numbers("dy", dy), dx);

            run.Read(dx).ShouldBeTheDerivative(x, () => LstmGradientTests.Dot(Pooled(kind), dy), $"{kind}");
        }

        double[] Pooled(Pooling kind)
        {
            using var run = new Operands(_device, Placement.BetweenNotNumbers);
            var y = run.Unwritten("y", dy.Length);
            _device.PoolForward(kind, shape, width, run.Indices(lengths), run.Numbers("x", x), y);
            return run.Read(y);
        }
    });

    public void Dispose() => _device.Dispose();

    void Check(double[] outputs, int count, Action<Operands, DeviceSpan, DeviceSpan, bool> loss)
    {
        Run(gradient: true).Gradient.ShouldBeTheDerivative(outputs, () => Run(gradient: false).Loss, "outputs");

        (double Loss, double[] Gradient) Run(bool gradient)
        {
            using var run = new Operands(_device, Placement.BetweenNotNumbers);
            var (x, losses) = (run.Numbers("x", outputs), run.Unwritten("losses", count));
            loss(run, x, losses, gradient);
            return (run.Read(losses).Sum(), run.Read(x));
        }
    }
}
