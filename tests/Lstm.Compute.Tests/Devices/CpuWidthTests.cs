using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Tests;

/// <summary>The same bits with AVX-512, with AVX2 and with 128-bit vectors.</summary>
public class CpuWidthTests
{
    [Fact]
    public void An_lstm_has_the_same_bits_in_every_width()
    {
        foreach (var shape in LstmTests.Shapes)
        {
            var layer = new LstmCase(shape, seed: 29);
            CheckWidths($"{shape}", run => layer.On(run, shards: [new(0, shape.Rows), new(shape.Rows / 2, 1)], accumulate: true));
        }
    }

    [Fact]
    public void Every_variant_of_an_lstm_has_the_same_bits_in_every_width()
    {
        foreach (var options in LstmVariants.InBothDirections)
        {
            foreach (var units in new[] { 1, 17, 33 })
            {
                var shape = new LstmShape(3, 5, 4, units) { Options = options };
                var layer = new LstmCase(shape, seed: 37).Ragged(seed: 38);
                CheckWidths($"{options}, units={units}", run => layer.On(run, shards: [new(0, 5), new(2, 1)], accumulate: true));
            }
        }
    }

    [Fact]
    public void A_loss_and_its_gradient_have_the_same_bits_in_every_width()
    {
        var draw = new Draw(30);
        foreach (var classes in ElementTests.Lengths.Where(length => length > 0))
        {
            var (logits, targets) = (draw.Uniform(3 * classes, 20), draw.Integers(3, -1, classes));
            CheckWidths($"classes={classes}", run => run.Device.SoftmaxCrossEntropy(
                run.Numbers("logits", logits), classes, run.Indices(targets), 3, run.Unwritten("losses", 3), gradient: true));
        }
    }

    [Fact]
    public void Optimizer_steps_have_the_same_bits_in_every_width()
    {
        var draw = new Draw(31);
        foreach (var length in ElementTests.Lengths)
        {
            var (g, w, m, v) = (draw.Uniform(length), draw.Uniform(length), draw.Uniform(length), draw.Positive(length));
            CheckWidths($"length={length}", run =>
            {
                run.Device.SgdStep(
                    new(0.7f, 0.1f, 0.9f, 0.01f), run.Numbers("g", g), run.Numbers("w", w), run.Numbers("v", m), run.Unwritten("sgd", length));
                run.Device.AdamStep(
                    new(0.7f, 0.9f, 0.999f, 0.02f, 3.1f, 1e-8f, 0.99f), run.Numbers("g", g), run.Numbers("w", w), run.Numbers("m", m),
                    run.Numbers("v", v), run.Unwritten("adam", length));
            });
        }
    }

    [Fact]
    public void The_widest_vectors_of_the_processor_are_used()
    {
        using var device = CpuDevice.Create();

        device.VectorWidth.ShouldBe(
            System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated ? 16 : System.Runtime.Intrinsics.Vector256.IsHardwareAccelerated ? 8 : 4);
    }

    static void CheckWidths(string label, Action<Operands> operation)
    {
        using var narrow = new CpuDevice<Lanes4>();
        using var wanted = new Operands(narrow, Placement.BetweenNotNumbers);
        operation(wanted);
        foreach (var device in new CpuDevice[] { new CpuDevice<Lanes8>(), new CpuDevice<Lanes16>() })
        {
            using (device)
            {
                using var found = new Operands(device, Placement.BetweenNotNumbers);
                operation(found);
                foreach (var ((name, narrowValues), (_, values)) in wanted.ReadAll().Zip(found.ReadAll()))
                    values.ShouldHaveTheBitsOf(narrowValues, $"{device.VectorWidth} lanes, {label}, {name}");
            }
        }
    }
}
