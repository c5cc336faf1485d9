using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Compute.Tests;

public sealed class OperationGradientTests : IDisposable
{
    readonly ReferenceDevice<double> _device = new();

    [Fact]
    public void Every_gradient_of_a_linear_map_is_the_derivative() => ForRandomExtents((T, N, inputs, outputs) =>
    {
        var (draw, positions) = (new Draw(T + N + inputs + outputs), T * N);
        var (x, w, b, dy) = (draw.Uniform(positions * inputs), draw.Uniform(outputs * inputs), draw.Uniform(outputs), draw.Uniform(positions * outputs));
        using var run = new Operands(_device, Placement.BetweenNotNumbers);
        var (dW, db, dx) = (run.Unwritten("dW", w.Length), run.Unwritten("db", b.Length), run.Unwritten("dx", x.Length));
        var outputGradient = run.Numbers("dy", dy);
        _device.LinearGradient(new(T, N), new(0, N), outputGradient, outputs, run.Numbers("x", x), inputs, dW, db, accumulate: false);
        _device.Multiply(outputGradient, positions, run.Matrix(run.Numbers("W", w), outputs, inputs, MatrixUse.Backward), dx, default, accumulate: false);

        run.Read(dW).ShouldBeTheDerivative(w, Loss, "W");
        run.Read(db).ShouldBeTheDerivative(b, Loss, "b");
        run.Read(dx).ShouldBeTheDerivative(x, Loss, "x");

        double Loss()
        {
            using var forward = new Operands(_device, Placement.BetweenNotNumbers);
            var y = forward.Unwritten("y", dy.Length);
            var matrix = forward.Matrix(forward.Numbers("W", w), outputs, inputs, MatrixUse.Forward);
            _device.Multiply(forward.Numbers("x", x), positions, matrix, y, forward.Numbers("b", b), accumulate: false);
            return LstmGradientTests.Dot(forward.Read(y), dy);
        }
    });

    [Fact]
    public void The_gradient_of_an_embedding_is_the_derivative() => ForRandomExtents((T, N, vocabulary, width) =>
    {
        var draw = new Draw(T + N + vocabulary + width);
        var (table, tokens, dy) = (draw.Uniform(vocabulary * width), draw.Integers(T * N, 0, vocabulary), draw.Uniform(T * N * width));
        using var run = new Operands(_device, Placement.BetweenNotNumbers);
        var gradient = run.Unwritten("gradient", table.Length);
        _device.EmbeddingGradient(new(T, N), new(0, N), width, run.Indices(tokens), run.Numbers("dy", dy), gradient);

        run.Read(gradient).ShouldBeTheDerivative(table, Loss, "table");

        double Loss()
        {
            using var forward = new Operands(_device, Placement.BetweenNotNumbers);
            var y = forward.Unwritten("y", dy.Length);
            _device.EmbeddingForward(forward.Numbers("table", table), width, forward.Indices(tokens), 0, T * N, y);
            return LstmGradientTests.Dot(forward.Read(y), dy);
        }
    });

    [Fact]
    public void The_gradient_of_softmax_cross_entropy_is_the_derivative() => ForRandomExtents((T, N, classes, scale) =>
    {
        var draw = new Draw(T + N + classes + scale);
        var (logits, targets) = (draw.Uniform(T * N * classes, scale), draw.Integers(T * N, -1, classes));

        Losses(gradient: true).Gradient.ShouldBeTheDerivative(logits, () => Losses(gradient: false).Loss, "logits");

        (double Loss, double[] Gradient) Losses(bool gradient)
        {
            using var run = new Operands(_device, Placement.BetweenNotNumbers);
            var (scores, losses) = (run.Numbers("logits", logits), run.Unwritten("losses", T * N));
            _device.SoftmaxCrossEntropy(scores, classes, run.Indices(targets), T * N, losses, gradient);
            return (run.Read(losses).Sum(), run.Read(scores));
        }
    });

    [Fact]
    public void The_gradient_of_dropout_with_a_fixed_mask_is_the_derivative() => ForRandomExtents((T, N, width, seed) =>
    {
        var draw = new Draw(T + N + width + seed);
        var (x, dy, keys) = (draw.Uniform(T * N * width), draw.Uniform(T * N * width), draw.Integers(2 * N, 0, 100));
        var mask = new DropoutMask(0.4f, Philox.KeyOf((ulong)seed, 3), 1);

        Drop(dy).ShouldBeTheDerivative(x, () => LstmGradientTests.Dot(Drop(x), dy), "x");

        double[] Drop(double[] values)
        {
            using var run = new Operands(_device, Placement.BetweenNotNumbers);
            var output = run.Unwritten("output", values.Length);
            _device.Dropout(mask, new(T, N), run.Indices(keys), width, run.Numbers("input", values), output);
            return run.Read(output);
        }
    });

    public void Dispose() => _device.Dispose();

    internal static void ForRandomExtents(Action<int, int, int, int> check)
    {
        var extents =
            from steps in Gen.Choose(1, 4)
            from rows in Gen.Choose(1, 3)
            from first in Gen.Choose(1, 6)
            from second in Gen.Choose(1, 6)
            select (steps, rows, first, second);

        Prop.ForAll(extents.ToArbitrary(), extent => check(extent.steps, extent.rows, extent.first, extent.second)).Check(Config.QuickThrowOnFailure.WithMaxTest(20));
    }
}
