namespace LstmCluster.Compute.Tests;

public class LayerNormalizationTests
{
    static readonly BatchShape s_shape = new(Steps: 3, Rows: 4);

    [Fact]
    public void Gain_and_shift_have_PyTorchs_names_and_change_nothing_at_first()
    {
        var layer = new LayerNormalization(7);
        var builder = new ParameterLayout.Builder();
        builder.Declare("layer", layer);
        var (layout, vector) = (builder.Build(), new float[14]);
        layout.Initialize(1, vector);

        LayerGradients.Tensors(layer).ShouldBe(["layer.weight [7]", "layer.bias [7]"]);
        vector.ShouldBe([1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
        (layer.InputSize, layer.OutputSize, layer.StateSize).ShouldBe((7, 7, 0));
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Each_vector_is_normalised_by_its_own_mean_and_deviation(string name)
    {
        foreach (var size in new[] { 1, 3, 17, 33, 100 })
        {
            using var device = TestDevices.Open(name);
            using var operands = new Operands(device, Placement.BetweenNotNumbers);
            var layer = new LayerCase(new LayerNormalization(size), s_shape, seed: 1);

            var found = layer.On(operands, backward: false).Y;

            Agreement.ShouldBeClose(found, [.. layer.X.Chunk(size).SelectMany(vector => ByHand(layer, vector))], Agreement.Tolerance, $"{name}, {size}", leastMagnitude: 1);
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Backward_is_that_of_the_reference(string name)
    {
        RowRange[] shards = [new(0, 1), new(1, 3)];
        foreach (var size in new[] { 1, 3, 17, 33, 100 })
        {
            var layer = new LayerCase(new LayerNormalization(size), s_shape, seed: 2).Ragged(3);
            var (found, wanted) = (On(TestDevices.Open(name)), On(new ReferenceDevice<double>()));

            Agreement.ShouldBeClose(found.Dx, wanted.Dx, Agreement.Tolerance, $"dx, {name}, {size}", leastMagnitude: 1);
            foreach (var (gradient, expected) in found.WeightGradients.Zip(wanted.WeightGradients))
                Agreement.ShouldBeClose(gradient, expected, Agreement.Tolerance, $"gradient, {name}, {size}", leastMagnitude: 1);

            LayerOutcome On(IDevice device)
            {
                using var owned = device;
                using var operands = new Operands(device, Placement.BetweenNotNumbers);
                return layer.On(operands, shards: shards);
            }
        }
    }

    [Fact]
    public void Every_gradient_is_the_derivative()
    {
        using var device = new ReferenceDevice<double>();
        foreach (var size in new[] { 2, 3, 8 })
            LayerGradients.ShouldBeDerivatives(new LayerCase(new LayerNormalization(size), s_shape, seed: 4).Ragged(5), device);
    }

    static IEnumerable<double> ByHand(LayerCase layer, double[] vector)
    {
        var (size, mean) = (vector.Length, vector.Average());
        var deviation = Math.Sqrt(vector.Average(value => (value - mean) * (value - mean)) + LstmOptions.NormEpsilon);
        return vector.Select((value, index) => (layer.Parameters[index] * (value - mean) / deviation) + layer.Parameters[size + index]);
    }
}
