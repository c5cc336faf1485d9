using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Compute.Tests;

/// <summary>Every LSTM variant on every device against the reference in double precision.</summary>
public class LstmVariantTests
{
    // A small result may be what is left of larger terms.
    const double LeastMagnitude = 0.1;

    /// <summary>Every size of the layer list with one row, steps from 1 up, and several rows.</summary>
    static readonly LstmShape[] Shapes =
    [
        .. new[] { 1, 3, 17, 31, 33, 100 }.Select(units => new LstmShape(3, 1, 7, units)), .. Enumerable.Range(1, 5).Select(steps => new LstmShape(steps, 1, 1, 3)),
        new(1, 1, 1, 1), new(2, 3, 31, 31), new(4, 13, 5, 33), new(3, 5, 3, 3), new(2, 2, 16, 100),
    ];

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Every_variant_agrees(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        foreach (var options in LstmVariants.InBothDirections)
        {
            foreach (var shape in Shapes)
            {
                var layer = new LstmCase(shape with { Options = options }, seed: 31);
                Agrees(device, placement, layer);
                Agrees(device, placement, layer.Ragged(seed: 32));
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Any_combination_agrees(string name)
    {
        using var device = TestDevices.Open(name);
        var cases = LstmVariants.AnyCase(8, 20, 40, 40).Where(layer => !LstmConditioning.IsNearTheLimit(layer, margin: 3e-5f));
        Prop.ForAll(cases.ToArbitrary(), layer => Agrees(device, Placement.BetweenNotNumbers, layer))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Forward_alone_agrees_out_of_training(string name)
    {
        using var device = TestDevices.Open(name);
        foreach (var options in LstmVariants.InBothDirections)
        {
            var layer = new LstmCase(new(4, 3, 5, 19) { Options = options }, seed: 33) { Training = false };
            Agrees(device, Placement.BetweenNotNumbers, layer, run => layer.On(run, backward: false));
            Agrees(device, Placement.BetweenNotNumbers, layer, run => layer.On(run, inputGradient: false, shards: [new(1, 2)], accumulate: true));
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void An_operand_of_an_option_that_is_on_must_be_there(string name)
    {
        using var device = TestDevices.Open(name);
        foreach (var (variant, options) in LstmVariants.Alone)
        {
            // Coupling and clipping have none.
            if (options == LstmOptions.Plain || options.CoupledInputForget || options.CellClip > 0)
                continue;
            var layer = new LstmCase(new(2, 3, 4, 5) { Options = options }, seed: 34);
            using var run = new Operands(device, Placement.BetweenNotNumbers);
            Should.Throw<ArgumentException>(() => layer.On(run, optional: false), variant);
        }
    }

    static void Agrees(IDevice device, Placement placement, LstmCase layer)
    {
        var rows = layer.Shape.Rows;
        Agrees(device, placement, layer, run => layer.On(run, shards: [new(0, rows), new(rows / 3, rows - (rows / 3))]));
    }

    static void Agrees(IDevice device, Placement placement, LstmCase layer, Action<Operands> operation) => device.ShouldAgreeWithReference(
        placement, $"{layer}", operation, LstmConditioning.Tolerance(layer, operation), Math.Max(LeastMagnitude, LstmConditioning.LeastMagnitude(layer)));
}
