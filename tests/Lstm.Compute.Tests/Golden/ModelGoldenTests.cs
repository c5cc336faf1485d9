namespace LstmCluster.Compute.Tests;

public class ModelGoldenTests
{
    // Losses, scores and states leave a device in single precision, the double reference's too.
    const double SinglePrecision = 2e-7;

    public static TheoryData<string> Devices => GoldenDevices.Names;

    [Theory]
    [MemberData(nameof(Devices))]
    public void Scores_loss_state_and_every_gradient_are_those_of_PyTorch(string name)
    {
        var golden = new GoldenFile("character-model");
        var (shape, tolerance) = (Shape(golden), Math.Max(SinglePrecision, GoldenDevices.Tolerance(name)));
        using var device = GoldenDevices.Open(name);
        using var model = new ModelOnDevice(Model(golden), device, tensor => golden.Numbers($"weight.{tensor}"));

        var logits = model.Forward(shape, golden.Integers("tokens"), golden.Integers("targets"), States(golden, "h0", "c0"));
        var states = model.States(shape);
        var loss = model.Backward(shape);

        Agreement.ShouldBeClose(logits, golden.Numbers("logits"), tolerance, $"{name}, scores");
        loss.ShouldBe(golden.Number("loss"), tolerance * golden.Number("loss"));
        foreach (var (row, wanted) in States(golden, "hT", "cT").Index())
            Agreement.ShouldBeClose([.. states[row]], [.. wanted], tolerance, $"{name}, state of row {row}");
        model.Model.Parameters.Parameters.Count.ShouldBe(golden.Tensors.Count(tensor => tensor.StartsWith("gradient.", StringComparison.Ordinal)));
        foreach (var parameter in model.Model.Parameters.Parameters)
        {
            Agreement.ShouldBeClose(
                model.Tensor(model.Gradient, parameter), golden.Numbers($"gradient.{parameter.Name}"), GoldenDevices.Tolerance(name),
                $"{name}, gradient of {parameter.Name}");
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Ten_steps_with_a_carried_state_are_those_of_PyTorch(string name)
    {
        // Adam divides by the gradient's own size, so a rounding in a small gradient is as large in the step as in a large one.
        const double tolerance = 1e-4;
        var golden = new GoldenFile("character-model-training");
        var (shape, optimizer, rate) = (Shape(golden), new Adam(), golden.Number("rate"));
        using var device = GoldenDevices.Open(name);
        using var model = new ModelOnDevice(Model(golden), device, tensor => golden.Numbers($"weight.{tensor}"));
        DeviceSpan[] moments = [.. optimizer.StateNames.Select(model.Zeros)];
        var (tokens, targets, losses, norms) = (golden.Integers("tokens"), golden.Integers("targets"), golden.Numbers("losses"), golden.Numbers("norms"));
        float[][] states = [.. Enumerable.Range(0, shape.Rows).Select(_ => new float[model.Model.StateSize])];
        for (var step = 0; step < golden.Integer("steps"); step++)
        {
            var batch = new Range(step * shape.Positions, (step + 1) * shape.Positions);
            model.Forward(shape, tokens[batch], targets[batch], states);
            states = model.States(shape);
            model.Backward(shape).ShouldBe(losses[step], tolerance * losses[step], $"loss of step {step + 1}");
            var (scale, norm) = Clipping.ScaleByNorm(device, model.Gradient, 1.0 / shape.Positions, golden.Number("norm"));
            norm.ShouldBe(norms[step], tolerance * norms[step], $"norm of step {step + 1}");
            optimizer.Apply(device, step + 1, rate, scale, model.Gradient, model.Weights, moments, model.Weights);
        }

        foreach (var parameter in model.Model.Parameters.Parameters)
        {
            Agreement.ShouldBeClose(
                model.Tensor(model.Weights, parameter), golden.Numbers($"final.{parameter.Name}"), tolerance, $"{name}, {parameter.Name}");
        }
    }

    static BatchShape Shape(GoldenFile golden) => new(golden.Integer("T"), golden.Integer("N"));

    static SequenceModel Model(GoldenFile golden) =>
        SequenceModel.LanguageModel(golden.Integer("V"), golden.Integer("E"), [golden.Integer("H"), golden.Integer("H")]);

    /// <summary>For each row the hidden state and the cell of each layer, as the model carries them.</summary>
    static float[][] States(GoldenFile golden, string hidden, string cell)
    {
        var units = golden.Integer("H");
        string[] tensors = [$"{hidden}.0", $"{cell}.0", $"{hidden}.1", $"{cell}.1"];
        return
        [
            .. Enumerable.Range(0, golden.Integer("N")).Select(row =>
                tensors.SelectMany(tensor => golden.Numbers(tensor).Skip(row * units).Take(units)).Select(x => (float)x).ToArray()),
        ];
    }
}
