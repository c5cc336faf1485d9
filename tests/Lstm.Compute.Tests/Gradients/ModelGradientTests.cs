using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Compute.Tests;

public class ModelGradientTests
{
    [Fact]
    public void Every_gradient_of_a_model_is_the_derivative_of_the_sum_of_losses() =>
        Prop.ForAll(ModelChoices.Smooth.ToArbitrary(), choice => Check(choice)).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    /// <summary>A maximum and Huber's loss bend at points, so these cases are fixed: none has one within the step.</summary>
    [Theory]
    [InlineData(Pooling.Max, LossKind.CrossEntropy, false)]
    [InlineData(Pooling.Max, LossKind.Squared, true)]
    [InlineData(Pooling.Max, LossKind.Huber, true)]
    [InlineData(Pooling.Last, LossKind.Huber, true)]
    [InlineData(Pooling.Mean, LossKind.Huber, false)]
    [InlineData(null, LossKind.Huber, true)]
    public void So_it_is_with_a_maximum_and_with_the_Huber_loss(Pooling? pooling, LossKind loss, bool isRagged)
    {
        foreach (var vocabulary in (int[])[0, 4])
            Check(new ModelChoice(4, [2, 1, 2], vocabulary, 3, [3, 2], [0, 2], 3, 0f, pooling, loss, IsTied: vocabulary > 0, isRagged, Seed: 11), step: 1e-4);
    }

    static void Check(ModelChoice choice, double step = 1e-3)
    {
        var chosen = new ModelCase(choice);
        using var device = new ReferenceDevice<double>();
        Gradient().ShouldBeTheDerivative(chosen.Parameters, Loss, $"{choice}", step: step);

        double[] Gradient() => Run((run, weights, operands) =>
        {
            var gradient = operands.Unwritten("gradient", chosen.Parameters.Length);
            run.Backward(weights, [new GradientTarget(new(0, chosen.Shards.Length), gradient)]);
            return operands.Read(gradient);
        });

        double Loss() => Run((run, _, operands) => operands.Read(run.DeviceLosses).Sum());

        T Run<T>(Func<SequenceRun, ModelWeights, Operands, T> then)
        {
            using var operands = new Operands(device, Placement.BetweenNotNumbers);
            using var weights = new ModelWeights(chosen.Model, device, training: true);
            using var run = new SequenceRun(chosen.Model, device);
            weights.Load(operands.Numbers("parameters", chosen.Parameters));
            run.Load(chosen.Batch);
            run.Forward(weights, training: true, chosen.MaskKey);
            run.Losses(new float[run.LossShape.Positions]);
            return then(run, weights, operands);
        }
    }
}
