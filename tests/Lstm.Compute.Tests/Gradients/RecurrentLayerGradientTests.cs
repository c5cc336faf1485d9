namespace LstmCluster.Compute.Tests;

/// <summary>Gradients of whole recurrent layers in double precision: the learned initial state among them, over several segments of time, computed again or not.</summary>
public class RecurrentLayerGradientTests
{
    [Theory]
    [InlineData("plain", 5, 0)]
    [InlineData("peephole reverse", 66, 0)]
    [InlineData("zoneout of c", 66, 64)]
    [InlineData("projection", 5, 0)]
    [InlineData("recurrent dropout reverse", 66, 64)]
    [InlineData("gru", 66, 0)]
    [InlineData("gru reverse", 66, 64)]
    [InlineData("rnn", 66, 64)]
    [InlineData("rnn reverse", 5, 0)]
    public void Every_gradient_is_the_derivative(string name, int steps, int recompute)
    {
        using var device = new ReferenceDevice<double>();
        var batch = new RecurrentBatch(RecurrentLayers.Create(name, 2, 2, recompute, learned: true), new(steps, 2), ragged: false, seed: 11)
        {
            FreshRows = [1],
        };
        var found = batch.On(device);

        found.Gradients.Single().ShouldBeTheDerivative(batch.Parameters, Loss, $"parameters of {name}");
        if (steps < 10)
            found.InputGradient.ShouldBeTheDerivative(batch.X, Loss, $"x of {name}");

        double Loss() => LstmGradientTests.Dot(batch.On(device).Output, batch.Dy);
    }
}
