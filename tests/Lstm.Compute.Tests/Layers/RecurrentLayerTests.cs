using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Tests;

/// <summary>GRU and RNN as layers: their tensors, their carried state, their place in a model.</summary>
public sealed class RecurrentLayerTests : IDisposable
{
    const int Inputs = 5, Units = 7, Rows = 3;

    readonly CpuDevice _device = CpuDevice.Create();

    public static TheoryData<RecurrentKind, bool> Kinds =>
        [.. from kind in Enum.GetValues<RecurrentKind>() from reverse in new[] { false, true } select (kind, reverse)];

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "_reverse")]
    public void Tensors_have_the_names_and_shapes_of_PyTorch(bool reverse, string suffix)
    {
        Tensors(new Gru(Inputs, Units, reverse)).ShouldBe(
        [
            $"layer.weight_ih_l0{suffix} [21,5]", $"layer.weight_hh_l0{suffix} [21,7]", $"layer.bias_ih_l0{suffix} [21]", $"layer.bias_hh_l0{suffix} [21]",
        ]);
        Tensors(new Rnn(Inputs, Units, reverse)).ShouldBe(
        [
            $"layer.weight_ih_l0{suffix} [7,5]", $"layer.weight_hh_l0{suffix} [7,7]", $"layer.bias_ih_l0{suffix} [7]",
        ]);
    }

    /// <summary>A batch cut in two, the state handed on, is the whole sequence: the second half first when time runs backwards.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_carried_state_continues_the_sequence(RecurrentKind kind, bool reverse)
    {
        const int half = 3;
        var layer = Create(kind, reverse);
        var draw = new Draw(51);
        using var operands = new Operands(_device, Placement.BetweenNotNumbers);
        using var weights = layer.CreateWeights(_device, training: false);
        weights.Load(operands.Numbers("parameters", draw.Uniform(Layout(layer).Length)));
        using var run = layer.CreateRun(_device);
        run.Reserve(new(2 * half, Rows), training: false);
        var x = draw.Uniform(2 * half * Rows * Inputs);
        float[][] initial = [.. Enumerable.Range(0, Rows).Select(_ => Array.ConvertAll(draw.Uniform(Units), value => (float)value))];

        var (whole, wholeState) = Forward(2 * half, x, initial);
        var cut = half * Rows * Inputs;
        var (first, handedOn) = Forward(half, reverse ? x[cut..] : x[..cut], initial);
        var (second, state) = Forward(half, reverse ? x[..cut] : x[cut..], handedOn);

        (reverse ? [.. second, .. first] : first.Concat(second).ToArray()).ShouldHaveTheBitsOf(whole, "y");
        state.ShouldBe(wholeState);
        layer.StateSize.ShouldBe(Units);

        (double[] Output, float[][] States) Forward(int steps, double[] input, float[][] states)
        {
            var shape = new BatchShape(steps, Rows);
            for (var row = 0; row < Rows; row++)
                run.WriteState(row, shape, states[row]);
            var y = run.Forward(weights, new Pass(shape, Training: false, MaskKey: 0, operands.Indices(new int[2 * Rows])), operands.Numbers("x", input));
            var final = new float[Rows][];
            for (var row = 0; row < Rows; row++)
                run.ReadState(row, shape, final[row] = new float[Units]);
            return (operands.Read(y), final);
        }
    }

    /// <summary>Rows of a batch with lengths end with the state that stands at their end.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_layer_hands_the_lengths_of_its_pass_on(RecurrentKind kind, bool reverse)
    {
        var (layer, shape, draw) = (Create(kind, reverse), new BatchShape(4, 2), new Draw(52));
        using var operands = new Operands(_device, Placement.BetweenNotNumbers);
        using var weights = layer.CreateWeights(_device, training: false);
        weights.Load(operands.Numbers("parameters", draw.Uniform(Layout(layer).Length)));
        using var run = layer.CreateRun(_device);
        run.Reserve(shape, training: false);
        float[] initial = [1, 2, 3, 4, 5, 6, 7];
        run.WriteState(0, shape, initial);
        run.WriteState(1, shape, initial);
        var pass = new Pass(shape, Training: false, MaskKey: 0, operands.Indices(new int[4]), operands.Indices(4, 0));
        run.Forward(weights, pass, operands.Numbers("x", draw.Uniform(shape.Positions * Inputs)));

        var (moved, kept) = (new float[Units], new float[Units]);
        run.ReadState(0, shape, moved);
        run.ReadState(1, shape, kept);
        kept.ShouldBe(initial);
        moved.ShouldNotBe(initial);
    }

    public void Dispose() => _device.Dispose();

    static Layer Create(RecurrentKind kind, bool reverse) =>
        kind == RecurrentKind.Gru ? new Gru(Inputs, Units, reverse) : new Rnn(Inputs, Units, reverse);

    static ParameterLayout Layout(Layer layer)
    {
        var builder = new ParameterLayout.Builder();
        builder.Declare("layer", layer);
        return builder.Build();
    }

    static string[] Tensors(Layer layer) => [.. Layout(layer).Parameters.Select(parameter => $"{parameter.Name} [{string.Join(',', parameter.Shape)}]")];
}
