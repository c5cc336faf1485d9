namespace LstmCluster.Compute.Tests;

/// <summary>What every layer must satisfy.</summary>
static class LayerGradients
{
    /// <summary>Compares dx and every weight gradient with finite differences.</summary>
    public static void ShouldBeDerivatives(LayerCase layer, ReferenceDevice<double> device)
    {
        var found = Run(backward: true);
        found.WeightGradients.Single().ShouldBeTheDerivative(layer.Parameters, Loss, $"parameters of {layer}", leastMagnitude: 1);
        found.Dx.ShouldBeTheDerivative(layer.X, Loss, $"x of {layer}", leastMagnitude: 1);

        double Loss() => layer.Loss(Run(backward: false));

        LayerOutcome Run(bool backward)
        {
            using var operands = new Operands(device, Placement.BetweenNotNumbers);
            return layer.On(operands, backward, [new(0, layer.Shape.Rows)]);
        }
    }

    /// <summary>Name and shape of each tensor.</summary>
    public static string[] Tensors(Layer layer)
    {
        var builder = new ParameterLayout.Builder();
        builder.Declare("layer", layer);
        return [.. builder.Build().Parameters.Select(parameter => $"{parameter.Name} [{string.Join(',', parameter.Shape)}]")];
    }
}
