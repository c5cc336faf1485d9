namespace LstmCluster.Compute.Tests;

public class ResidualTests
{
    const int Size = 5;

    static readonly BatchShape s_shape = new(Steps: 4, Rows: 3);

    /// <summary>An output that is the run's state, one that is its input, one in memory of its own; masks; another residual.</summary>
    static Layer[] Inner =>
    [
        new Lstm(Size, Size), new Gru(Size, Size, reverse: true), new Rnn(Size, Size), new Linear(Size, Size), new Dropout(Size, 0.4f, stream: 9),
        new Residual(new Linear(Size, Size)), new Residual(new Dropout(Size, 0.4f, stream: 9)),
    ];

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void The_output_is_the_inner_layers_plus_the_input(string name)
    {
        foreach (var (inner, training) in Inner.SelectMany(inner => new[] { (inner, true), (inner, false) }))
        {
            var plain = Run(name, new LayerCase(inner, s_shape, seed: 1) { Training = training }, backward: false);
            var residual = new LayerCase(new Residual(inner), s_shape, seed: 1) { Training = training };
            var found = Run(name, residual, backward: false);

            found.Y.ShouldHaveTheBitsOf([.. plain.Y.Zip(residual.X, (y, x) => (double)((float)y + (float)x))], $"{inner.GetType().Name}, training={training}");
            found.States.ShouldBe(plain.States);
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void The_gradient_is_the_inner_layers_plus_that_of_the_output(string name)
    {
        RowRange[] shards = [new(0, 2), new(2, 1)];
        foreach (var inner in Inner)
        {
            var plain = Run(name, new LayerCase(inner, s_shape, seed: 2), shards: shards);
            var residual = new LayerCase(new Residual(inner), s_shape, seed: 2);
            var found = Run(name, residual, shards: shards);

            found.Dx.ShouldHaveTheBitsOf([.. plain.Dx.Zip(residual.Dy, (dx, dy) => (double)((float)dx + (float)dy))], inner.GetType().Name);
            foreach (var (gradient, wanted) in found.WeightGradients.Zip(plain.WeightGradients))
                gradient.ShouldHaveTheBitsOf(wanted, inner.GetType().Name);
        }
    }

    [Fact]
    public void Every_gradient_is_the_derivative()
    {
        using var device = new ReferenceDevice<double>();
        foreach (var inner in Inner)
        {
            foreach (var layer in new[] { new LayerCase(new Residual(inner), s_shape, seed: 3), new LayerCase(new Residual(inner), s_shape, seed: 3).Ragged(4) })
                LayerGradients.ShouldBeDerivatives(layer, device);
        }
    }

    [Fact]
    public void Tensors_and_state_are_those_of_the_inner_layer()
    {
        var inner = new Lstm(Size, Size);
        var layer = new Residual(inner);

        LayerGradients.Tensors(layer).ShouldBe(LayerGradients.Tensors(inner));
        layer.StateSize.ShouldBe(inner.StateSize);
        (layer.InputSize, layer.OutputSize).ShouldBe((Size, Size));
    }

    [Fact]
    public void An_inner_layer_of_another_size_is_refused() =>
        Should.Throw<ArgumentException>(() => new Residual(new Linear(3, 4))).Message.ShouldStartWith("the inner layer makes 4 features of 3");

    static LayerOutcome Run(string name, LayerCase layer, bool backward = true, RowRange[]? shards = null)
    {
        using var device = TestDevices.Open(name);
        using var operands = new Operands(device, Placement.BetweenNotNumbers);
        return layer.On(operands, backward, shards);
    }
}
