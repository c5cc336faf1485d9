using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Compute.Tests;

public class LstmGradientTests
{
    public static TheoryData<string, bool, bool> Variants =>
    [
        .. from name in LstmVariants.Alone.Keys
           from reverse in new[] { false, true }
           from training in new[] { false, true }
           select (name, reverse, training),
    ];

    [Theory]
    [MemberData(nameof(Variants))]
    public void Every_gradient_of_a_variant_is_the_derivative(string name, bool reverse, bool training)
    {
        var shape = new LstmShape(4, 3, 3, 4) { Options = LstmVariants.Alone[name] with { Reverse = reverse } };
        LstmCase Seeded(int seed) => new(shape, seed) { Training = training };

        Check(Smooth(Seeded));
        Check(Smooth(seed => Seeded(seed).Ragged(seed)));
    }

    [Fact]
    public void Every_gradient_of_any_lstm_is_the_derivative() =>
        Prop.ForAll(LstmVariants.AnyCase(5, 3, 4, 4).Where(IsSmooth).ToArbitrary(), Check).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    /// <summary>The first case in which no cell is near the limit, where the derivative jumps, and no vector to normalise is nearly constant.</summary>
    static LstmCase Smooth(Func<int, LstmCase> create) => Enumerable.Range(0, 1000).Select(create).First(IsSmooth);

    static bool IsSmooth(LstmCase layer) =>
        !LstmConditioning.IsNearTheLimit(layer, margin: 0.03f) && LstmConditioning.LargestInverseDeviation(layer) < 12;

    static void Check(LstmCase ragged)
    {
        // Backward takes no gradient from padding, so the loss must not either.
        var layer = ragged.With(dy: ragged.Padded(ragged.Dy, 0));
        var shape = layer.Shape;
        var least = LstmConditioning.LeastMagnitude(layer);
        var step = shape.Options.LayerNorm ? 2e-4 : 1e-3;
        using var device = new ReferenceDevice<double>();
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        var found = layer.On(run, shards: [new(0, shape.Rows)]);

        foreach (var ((name, variables), (_, gradient)) in layer.Parameters.All.Zip(found.WeightGradients.Single().All))
        {
            if (variables.Length > 0)
                gradient.ShouldBeTheDerivative(variables, Loss, $"{name} of {layer}", least, step);
        }

        found.Dx.ShouldBeTheDerivative(layer.X, Loss, $"x of {layer}", least, step);
        found.Dh0.ShouldBeTheDerivative(layer.H0, Loss, $"h(0) of {layer}", least, step);
        found.Dc0.ShouldBeTheDerivative(layer.C0, Loss, $"c(0) of {layer}", least, step);

        double Loss()
        {
            using var operands = new Operands(device, Placement.BetweenNotNumbers);
            var forward = layer.On(operands, backward: false);
            return Dot(forward.Output(shape), layer.Dy) + Dot(forward.FinalHidden(shape), layer.DhT) + Dot(forward.FinalCell(shape), layer.DcT);
        }
    }

    internal static double Dot(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        left.Length.ShouldBe(right.Length);
        var sum = 0.0;
        for (var index = 0; index < left.Length; index++)
            sum += left[index] * right[index];
        return sum;
    }
}
