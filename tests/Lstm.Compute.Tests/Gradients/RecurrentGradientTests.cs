using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Compute.Tests;

public class RecurrentGradientTests
{
    [Theory]
    [InlineData(RecurrentKind.Gru)]
    [InlineData(RecurrentKind.Rnn)]
    public void Every_gradient_of_a_layer_is_the_derivative(RecurrentKind kind)
    {
        var cases =
            from T in Gen.Choose(1, 5)
            from N in Gen.Choose(1, 3)
            from D in Gen.Choose(1, 4)
            from H in Gen.Choose(1, 4)
            from reverse in Gen.Elements(false, true)
            from ragged in Gen.Elements(false, true)
            from seed in Gen.Choose(0, 1_000_000)
            let whole = new RecurrentCase(kind, new(T, N, D, H) { Reverse = reverse }, seed)
            select ragged ? whole.Ragged(seed) : whole;

        Prop.ForAll(cases.ToArbitrary(), Check).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    static void Check(RecurrentCase ragged)
    {
        // Backward takes no gradient from padding, so the loss must not either.
        var layer = ragged.With(dy: ragged.Padded(ragged.Dy, 0));
        var shape = layer.Shape;
        using var device = new ReferenceDevice<double>();
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        var found = layer.On(run, shards: [new(0, shape.Rows)]);

        foreach (var ((name, variables), (_, gradient)) in layer.Parameters.All.Zip(found.WeightGradients.Single().All))
            gradient.ShouldBeTheDerivative(variables, Loss, $"{name} of {layer}", leastMagnitude: 1);
        found.Dx.ShouldBeTheDerivative(layer.X, Loss, $"x of {layer}", leastMagnitude: 1);
        found.Dh0.ShouldBeTheDerivative(layer.H0, Loss, $"h(0) of {layer}", leastMagnitude: 1);

        double Loss()
        {
            using var operands = new Operands(device, Placement.BetweenNotNumbers);
            var forward = layer.On(operands, backward: false);
            return LstmGradientTests.Dot(forward.Output(shape), layer.Dy) + LstmGradientTests.Dot(forward.FinalHidden(shape), layer.DhT);
        }
    }
}
