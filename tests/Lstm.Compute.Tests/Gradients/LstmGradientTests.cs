using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Compute.Tests;

public class LstmGradientTests
{
    [Fact]
    public void Every_gradient_of_an_lstm_is_the_derivative()
    {
        var shapes =
            from steps in Gen.Choose(1, 5)
            from rows in Gen.Choose(1, 3)
            from inputs in Gen.Choose(1, 4)
            from units in Gen.Choose(1, 4)
            select new LstmShape(steps, rows, inputs, units);

        Prop.ForAll(shapes.ToArbitrary(), Check).Check(Config.QuickThrowOnFailure.WithMaxTest(15));
    }

    static void Check(LstmShape shape)
    {
        using var device = new ReferenceDevice<double>();
        var layer = new LstmCase(shape, seed: shape.GetHashCode());
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        var found = layer.On(run, shards: [new(0, shape.Rows)]);
        var (dW, dU, db) = found.WeightGradients.Single();

        dW.ShouldBeTheDerivative(layer.W, Loss, $"W of {shape}");
        dU.ShouldBeTheDerivative(layer.U, Loss, $"U of {shape}");
        db.ShouldBeTheDerivative(layer.B, Loss, $"b of {shape}");
        found.Dx.ShouldBeTheDerivative(layer.X, Loss, $"x of {shape}");
        found.Dh0.ShouldBeTheDerivative(layer.H0, Loss, $"h(0) of {shape}");
        found.Dc0.ShouldBeTheDerivative(layer.C0, Loss, $"c(0) of {shape}");

        double Loss()
        {
            using var operands = new Operands(device, Placement.BetweenNotNumbers);
            var forward = layer.On(operands, backward: false);
            var state = shape.Rows * shape.Units;
            return Dot(forward.Hidden.AsSpan(state), layer.Dy) + Dot(forward.Hidden.AsSpan()[^state..], layer.DhT) + Dot(forward.Cells.AsSpan()[^state..], layer.DcT);
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
