using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Tests;

/// <summary>Pooling by the last state takes each direction where it has seen the whole sequence.</summary>
public class LastStateTests
{
    const int Features = 3, Units = 4;

    public static TheoryData<string> Bodies => ["forward", "backward", "both", "both, led around", "both, then dropped"];

    [Theory]
    [MemberData(nameof(Bodies))]
    public void The_answer_is_made_of_the_final_states(string body)
    {
        var shape = new BatchShape(6, 3);
        int[] lengths = [6, 1, 4];
        IReadOnlyList<Layer> layers = body switch
        {
            "forward" => [new Gru(Features, Units)],
            "backward" => [new Gru(Features, Units, reverse: true)],
            "both" => [Bidirectional.OfGru(Features, Units)],
            "both, then dropped" => [Bidirectional.OfGru(Features, Units), new Dropout(2 * Units, 0.5f, stream: 1)],
            _ => [new Residual(Bidirectional.OfGru(2 * Units, Units))],
        };
        var model = new SequenceModel(layers, Identity(layers[^1].OutputSize, out var head), Pooling.Last, new SquaredError());
        using var device = CpuDevice.Create();
        var parameters = new float[model.Parameters.Length];
        model.Parameters.Initialize(3, parameters);
        head(model, parameters);
        using var imported = device.Import(parameters);
        using var weights = new ModelWeights(model, device, training: false);
        weights.Load(imported.All);
        using var run = model.CreateRun(device);
        var x = new float[shape.Positions * model.Features];
        new NormalInitializer(1).Fill(x, new RandomSequence(5, 0));
        run.Load(new Batch { Shape = shape, Features = x, Lengths = lengths });
        run.Forward(weights, training: false);
        var outputs = new float[shape.Rows * model.Outputs];
        run.ReadOutputs(outputs);

        var state = new float[model.StateSize];
        for (var row = 0; row < shape.Rows; row++)
        {
            run.ReadState(row, state);
            var wanted = state.ToArray();
            if (layers[^1] is Residual)
            {
                // What is led around stands at the step whose state is taken.
                for (var feature = 0; feature < wanted.Length; feature++)
                {
                    var step = feature < Units ? lengths[row] - 1 : 0;
                    wanted[feature] += x[(((step * shape.Rows) + row) * wanted.Length) + feature];
                }
            }

            outputs.AsSpan(row * model.Outputs, model.Outputs).ToArray().ShouldBe(wanted, $"row {row}");
        }
    }

    /// <summary>A head whose output is its input, once its parameters are set.</summary>
    static Linear Identity(int size, out Action<Model, float[]> set)
    {
        set = (model, parameters) =>
        {
            var (weight, bias) = (model.Parameters["head.weight"], model.Parameters["head.bias"]);
            parameters.AsSpan(weight.Offset, weight.Length).Clear();
            parameters.AsSpan(bias.Offset, bias.Length).Clear();
            for (var index = 0; index < size; index++) parameters[weight.Offset + (index * size) + index] = 1;
        };
        return new Linear(size, size);
    }
}
