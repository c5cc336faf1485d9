using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Compute.Tests;

public class LstmTests
{
    /// <summary>T, N, D, H from 1 up: each alone, the odd sizes of the layer list, and vectors' edges.</summary>
    internal static IEnumerable<LstmShape> Shapes =>
        new[] { 1, 3, 17, 31, 33, 100 }.SelectMany(units => new LstmShape[] { new(1, 1, 1, units), new(3, 1, 7, units), new(2, 3, units, units), new(4, 13, 5, units) })
            .Concat(Enumerable.Range(1, 40).SelectMany(size => new LstmShape[] { new(2, 2, 3, size), new(2, 2, size, 3), new(2, size, 3, 5), new(size, 1, 2, 3) }))
            .Concat([new(7, 64, 33, 16), new(5, 8, 64, 64), new(3, 5, 129, 48)]);

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Forward_and_backward_agree(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        foreach (var shape in Shapes)
        {
            var layer = new LstmCase(shape, seed: 4);
            device.ShouldAgreeWithReference(placement, $"{shape}", run => layer.On(run, shards: [new(0, shape.Rows)]));
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Activated_gates_agree(string name)
    {
        using var device = TestDevices.Open(name);
        foreach (var shape in Shapes)
        {
            var layer = new LstmCase(shape, seed: 5);
            device.ShouldAgreeWithReference(Placement.BetweenNotNumbers, $"{shape}", run => layer.On(run, backward: false));
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Backward_without_an_input_gradient_agrees(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        foreach (var shape in new LstmShape[] { new(1, 1, 1, 1), new(3, 2, 5, 17), new(4, 13, 31, 33) })
        {
            var layer = new LstmCase(shape, seed: 6);
            device.ShouldAgreeWithReference(placement, $"{shape}", run => layer.On(run, inputGradient: false, shards: [new(0, shape.Rows)]));
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Weight_gradients_of_every_shard_agree(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        foreach (var units in new[] { 1, 3, 17, 31, 33, 100 })
        {
            foreach (var accumulate in new[] { false, true })
            {
                var layer = new LstmCase(new(5, 13, 7, units), seed: 7);
                device.ShouldAgreeWithReference(placement, $"units={units}, accumulate={accumulate}", run =>
                    layer.On(run, shards: [new(0, 1), new(1, 6), new(7, 6), new(12, 1), new(0, 13)], accumulate: accumulate));
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Saturated_gates_agree(string name)
    {
        using var device = TestDevices.Open(name);
        foreach (var scale in new[] { 20.0, 100.0, 1e4 })
        {
            var layer = new LstmCase(new(3, 2, 4, 19), seed: 8);
            var saturated = new LstmCase(new(3, 2, 4, 19), seed: 8)
            {
                Parameters = layer.Parameters with { B = [.. layer.Parameters.B.Select(b => (double)(float)(b * scale))] },
            };
            device.ShouldAgreeWithReference(Placement.BetweenNotNumbers, $"bias times {scale}", run => saturated.On(run, shards: [new(0, 2)]), leastMagnitude: 1);
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Any_shape_agrees(string name)
    {
        using var device = TestDevices.Open(name);
        var shapes =
            from steps in Gen.Choose(1, 8)
            from rows in Gen.Choose(1, 20)
            from inputs in Gen.Choose(1, 70)
            from units in Gen.Choose(1, 70)
            select new LstmShape(steps, rows, inputs, units);

        Prop.ForAll(shapes.ToArbitrary(), shape =>
        {
            var layer = new LstmCase(shape, seed: shape.GetHashCode());
            var middle = new RowRange(shape.Rows / 3, shape.Rows - (shape.Rows / 3));
            device.ShouldAgreeWithReference(Placement.BetweenNotNumbers, $"{shape}", run => layer.On(run, shards: [middle]));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(30));
    }

    /// <summary>A batch cut in two after some steps, the state handed on, is the whole sequence.</summary>
    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void A_carried_state_continues_the_sequence(string name)
    {
        using var device = TestDevices.Open(name);
        var (first, later) = (new LstmShape(4, 3, 5, 9), new LstmShape(2, 3, 5, 9));
        var whole = new LstmCase(first, seed: 9);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        var all = whole.On(run, backward: false);
        var half = new LstmCase(later, seed: 0)
        {
            Parameters = whole.Parameters,
            X = whole.X[(2 * 3 * 5)..],
            H0 = all.Hidden[(2 * 27)..(3 * 27)],
            C0 = all.Cells[(2 * 27)..(3 * 27)],
        };

        half.On(run, backward: false).Hidden.ShouldBe(all.Hidden[(2 * 27)..]);
    }
}
