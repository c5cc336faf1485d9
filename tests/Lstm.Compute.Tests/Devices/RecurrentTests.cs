using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Compute.Tests;

/// <summary>GRU and RNN on every device against the reference in double precision.</summary>
public class RecurrentTests
{
    public static TheoryData<string, Placement, RecurrentKind, bool> Placed =>
    [
        .. from placed in TestDevices.Placed
           from kind in Enum.GetValues<RecurrentKind>()
           from reverse in new[] { false, true }
           select (placed.Data.Item1, placed.Data.Item2, kind, reverse),
    ];

    public static TheoryData<string, RecurrentKind> Kinds =>
    [
        .. from name in TestDevices.AllNames
           from kind in Enum.GetValues<RecurrentKind>()
           select (name, kind),
    ];

    /// <summary>The LSTM's: T, N, D, H from 1 up, each alone, odd sizes, and vectors' edges.</summary>
    internal static IEnumerable<RecurrentShape> Shapes => LstmTests.Shapes.Select(shape => new RecurrentShape(shape.Steps, shape.Rows, shape.Inputs, shape.Units));

    [Theory]
    [MemberData(nameof(Placed))]
    public void Forward_and_backward_agree(string name, Placement placement, RecurrentKind kind, bool reverse)
    {
        using var device = TestDevices.Open(name);
        foreach (var shape in Shapes)
        {
            var layer = new RecurrentCase(kind, shape with { Reverse = reverse }, seed: 41);
            device.ShouldAgreeWithReference(placement, $"{layer}", run => layer.On(run, shards: [new(0, shape.Rows)]));
        }
    }

    [Theory]
    [MemberData(nameof(Placed))]
    public void Ragged_batches_and_weight_gradients_of_every_shard_agree(string name, Placement placement, RecurrentKind kind, bool reverse)
    {
        using var device = TestDevices.Open(name);
        foreach (var units in new[] { 1, 3, 17, 31, 33, 100 })
        {
            foreach (var accumulate in new[] { false, true })
            {
                var layer = new RecurrentCase(kind, new(5, 13, 7, units) { Reverse = reverse }, seed: 42).Ragged(units);
                device.ShouldAgreeWithReference(placement, $"{layer}, accumulate={accumulate}", run =>
                    layer.On(run, shards: [new(0, 1), new(1, 6), new(7, 6), new(12, 1), new(0, 13)], accumulate: accumulate));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Placed))]
    public void Inference_and_backward_without_an_input_gradient_agree(string name, Placement placement, RecurrentKind kind, bool reverse)
    {
        using var device = TestDevices.Open(name);
        foreach (var shape in new RecurrentShape[] { new(1, 1, 1, 1), new(3, 2, 5, 17), new(4, 13, 31, 33) })
        {
            var layer = new RecurrentCase(kind, shape with { Reverse = reverse }, seed: 43);
            device.ShouldAgreeWithReference(placement, $"{layer}", run => layer.On(run, backward: false));
            device.ShouldAgreeWithReference(placement, $"{layer}", run => layer.On(run, inputGradient: false, shards: [new(0, shape.Rows)]));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Saturated_units_agree(string name, RecurrentKind kind)
    {
        using var device = TestDevices.Open(name);
        foreach (var scale in new[] { 20.0, 100.0, 1e4 })
        {
            var layer = new RecurrentCase(kind, new(3, 2, 4, 19), seed: 44);
            var saturated = new RecurrentCase(kind, layer.Shape, seed: 44)
            {
                Parameters = layer.Parameters with { B = [.. layer.Parameters.B.Select(b => (double)(float)(b * scale))] },
            };
            device.ShouldAgreeWithReference(Placement.BetweenNotNumbers, $"bias times {scale}", run => saturated.On(run, shards: [new(0, 2)]), leastMagnitude: 1);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Any_shape_agrees(string name, RecurrentKind kind)
    {
        using var device = TestDevices.Open(name);
        var shapes =
            from steps in Gen.Choose(1, 8)
            from rows in Gen.Choose(1, 20)
            from inputs in Gen.Choose(1, 70)
            from units in Gen.Choose(1, 70)
            from reverse in Gen.Elements(false, true)
            select new RecurrentShape(steps, rows, inputs, units) { Reverse = reverse };

        Prop.ForAll(shapes.ToArbitrary(), shape =>
        {
            var whole = new RecurrentCase(kind, shape, seed: shape.Rows + shape.Units);
            var layer = shape.Inputs % 2 == 0 ? whole : whole.Ragged(shape.Inputs);
            var middle = new RowRange(shape.Rows / 3, shape.Rows - (shape.Rows / 3));

            // The few terms of a single unit's bias gradient may cancel to a small part of themselves.
            device.ShouldAgreeWithReference(Placement.BetweenNotNumbers, $"{layer}", run => layer.On(run, shards: [middle]), leastMagnitude: 0.1);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(30));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_backward_pass_refuses_weights_for_inference_and_short_operands(string name, RecurrentKind kind)
    {
        using var device = TestDevices.Open(name);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        var shape = new RecurrentShape(1, 1, 1, 2);
        var parameters = RecurrentNumbers.Random(kind, shape, new Draw(45)).On(run);
        var rows = RecurrentNumbers.RowsOf(kind, shape);
        PreparedMatrix Kernel(MatrixUse use) => run.Matrix(parameters.Kernel, rows, 1, use);
        PreparedMatrix Recurrent(MatrixUse use) => run.Matrix(parameters.RecurrentKernel, rows, 2, use);
        var (x, gates, states, product) = (run.Numbers("x", [0]), run.Numbers("gates", new double[6]), run.Numbers("h", new double[4]), run.Numbers("p", new double[2]));
        var (dy, dh, dp) = (run.Numbers("dy", new double[2]), run.Numbers("dh", new double[2]), run.Numbers("dp", new double[6]));
        Action<DeviceSpan, bool> backward = kind == RecurrentKind.Gru
            ? (gradient, prepared) => device.GruBackward(
                shape,
                new(Kernel(MatrixUse.Forward), Recurrent(MatrixUse.Forward), prepared ? Kernel(MatrixUse.Backward) : null, prepared ? Recurrent(MatrixUse.Backward) : null, parameters),
                new(x, gates, product, states), new(gradient, default, dh, dp))
            : (gradient, prepared) => device.RnnBackward(
                shape,
                new(Kernel(MatrixUse.Forward), Recurrent(MatrixUse.Forward), prepared ? Kernel(MatrixUse.Backward) : null, prepared ? Recurrent(MatrixUse.Backward) : null,
                    new(parameters.Kernel, parameters.RecurrentKernel, parameters.Bias)),
                new(x, states), new(gradient, default, dh));

        Should.NotThrow(() => backward(dy, true));
        Should.Throw<ArgumentException>(() => backward(dy, false));
        Should.Throw<ArgumentException>(() => backward(dy.Slice(0, 1), true));
    }
}
