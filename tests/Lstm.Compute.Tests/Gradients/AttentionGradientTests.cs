using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Compute.Tests;

public sealed class AttentionGradientTests : IDisposable
{
    readonly ReferenceDevice<double> _device = new();

    [Fact]
    public void Every_gradient_of_an_attention_is_the_derivative()
    {
        var cases =
            from steps in Gen.Choose(1, 4)
            from rows in Gen.Choose(1, 3)
            from source in Gen.Choose(1, 4)
            from keySize in Gen.Choose(1, 5)
            from valueSize in Gen.Choose(1, 5)
            from score in Gen.Elements(Enum.GetValues<AttentionScore>())
            from ragged in Gen.Elements(false, true)
            from seed in Gen.Choose(0, 1000)
            select new AttentionCase(new(steps, rows, source, keySize, valueSize) { Score = score }, seed, ragged);

        Prop.ForAll(cases.ToArbitrary(), Check).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    [Fact]
    public void Every_gradient_of_a_layer_normalisation_is_the_derivative() => OperationGradientTests.ForRandomExtents((T, N, size, seed) =>
    {
        // A vector of two that is nearly constant bends too much for differences.
        var (draw, width) = (new Draw(T + N + size + seed), size + 2);
        var (x, norm, dy) = (Spread(draw.Uniform(T * N * width), width), draw.Uniform(2 * width), draw.Uniform(T * N * width));
        using var run = new Operands(_device, Placement.BetweenNotNumbers);
        var (gainAndShift, normalized, deviations) = (run.Numbers("norm", norm), run.Unwritten("normalized", x.Length), run.Unwritten("deviations", T * N));
        var (output, dx, gradient) = (run.Numbers("dy", dy), run.Unwritten("dx", x.Length), run.Unwritten("gradient", norm.Length));
        _device.NormForward(T * N, width, run.Numbers("x", x), gainAndShift, normalized, deviations, run.Unwritten("y", x.Length));
        _device.NormBackward(T * N, width, gainAndShift, normalized, deviations, output, dx);
        _device.NormWeightGradient(new(T, N), new(0, N), width, output, normalized, gradient, accumulate: false);

        run.Read(dx).ShouldBeTheDerivative(x, Loss, "x", leastMagnitude: 1, step: 5e-4);
        run.Read(gradient).ShouldBeTheDerivative(norm, Loss, "gain and shift");

        double Loss()
        {
            using var forward = new Operands(_device, Placement.BetweenNotNumbers);
            var y = forward.Unwritten("y", x.Length);
            _device.NormForward(
                T * N, width, forward.Numbers("x", x), forward.Numbers("norm", norm), forward.Unwritten("normalized", x.Length),
                forward.Unwritten("deviations", T * N), y);
            return LstmGradientTests.Dot(forward.Read(y), dy);
        }
    });

    [Fact]
    public void The_gradient_of_tanh_is_the_derivative()
    {
        var draw = new Draw(75);
        var (x, dy) = (draw.Uniform(20, 2), draw.Uniform(20));
        using var run = new Operands(_device, Placement.BetweenNotNumbers);
        var (y, gradient) = (run.Unwritten("y", 20), run.Numbers("dy", dy));
        _device.Tanh(run.Numbers("x", x), y);
        _device.TanhGradient(y, gradient);

        run.Read(gradient).ShouldBeTheDerivative(x, Loss, "x");

        double Loss()
        {
            using var forward = new Operands(_device, Placement.BetweenNotNumbers);
            var output = forward.Unwritten("y", 20);
            _device.Tanh(forward.Numbers("x", x), output);
            return LstmGradientTests.Dot(forward.Read(output), dy);
        }
    }

    public void Dispose() => _device.Dispose();

    /// <summary>Pulls the first two features of each vector apart, so that no vector is nearly constant.</summary>
    static double[] Spread(double[] x, int width) =>
        [.. x.Select((value, index) => (index % width) switch { 0 => value + 1, 1 => value - 1, _ => value })];

    void Check(AttentionCase attention)
    {
        // Gradients are added to what is there; the derivative is of this attention alone.
        var alone = attention with
        {
            DKeys = new double[attention.Keys.Length],
            DValues = new double[attention.Values.Length],
            DVector = new double[attention.DVector.Length],
        };
        var (found, N, A) = (Run(), alone.Shape.Rows, alone.Shape.KeySize);

        found.DQueries.ShouldBeTheDerivative(alone.Queries, Loss, $"queries of {alone}", leastMagnitude: 0.1);
        found.DKeys.ShouldBeTheDerivative(alone.Keys, Loss, $"keys of {alone}", leastMagnitude: 0.1);
        found.DValues.ShouldBeTheDerivative(alone.Values, Loss, $"values of {alone}", leastMagnitude: 0.1);
        if (alone.Shape.Score == AttentionScore.Additive)
        {
            double[] sum = [.. Enumerable.Range(0, A).Select(index => Enumerable.Range(0, N).Sum(n => found.DVector[(n * A) + index]))];
            sum.ShouldBeTheDerivative(alone.Vector, Loss, $"score vector of {alone}", leastMagnitude: 0.1);
        }

        double Loss() => LstmGradientTests.Dot(Run().Context, alone.Dy);

        AttentionOutcome Run()
        {
            using var run = new Operands(_device, Placement.BetweenNotNumbers);
            return alone.On(run);
        }
    }
}
