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
    public void Dense_losses_and_their_gradients_have_the_same_bits_in_every_width()
    {
        var draw = new Draw(32);
        foreach (var width in ElementTests.Lengths.Where(length => length > 0))
        {
            var (x, t, targets) = (draw.Uniform(3 * width, 20), draw.Positive(3 * width), draw.Integers(3, -1, width));
            CheckWidths($"width={width}", run =>
            {
                var target = run.Numbers("t", t);
                run.Device.SmoothedCrossEntropy(run.Numbers("x", x), width, run.Indices(targets), 3, 0.1f, run.Unwritten("smoothed", 3), gradient: true);
                run.Device.BinaryCrossEntropy(run.Numbers("x", x), target, 3, width, null, run.Unwritten("binary", 3), gradient: true);
                run.Device.SquaredError(run.Numbers("x", x), target, 3, width, null, run.Unwritten("squared", 3), gradient: true);
                run.Device.HuberLoss(run.Numbers("x", x), target, 3, width, 0.7f, null, run.Unwritten("huber", 3), gradient: true);
            });
        }
    }

    [Fact]
    public void Poolings_have_the_same_bits_in_every_width()
    {
        var (draw, shape) = (new Draw(33), new BatchShape(5, 3));
        foreach (var width in ElementTests.Lengths.Where(length => length > 0))
        {
            var (x, dy) = (draw.Uniform(15 * width), draw.Uniform(3 * width));
            foreach (var kind in Enum.GetValues<Pooling>())
            {
                CheckWidths($"{kind}, width={width}", run =>
                {
                    var (input, output, lengths) = (run.Numbers("x", x), run.Unwritten("y", 3 * width), run.Indices(5, 0, 3));
                    run.Device.PoolForward(kind, shape, width, lengths, input, output);
                    run.Device.PoolBackward(kind, shape, width, lengths, input, output, run.Numbers("dy", dy), run.Unwritten("dx", 15 * width));
                });
            }
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
                run.Device.RmsPropStep(
                    new(0.7f, 0.1f, 0.99f, 1e-8f, 0.9f, 0.01f), run.Numbers("g", g), run.Numbers("w", w), run.Numbers("s", v), run.Numbers("a", m),
                    run.Numbers("v", m), run.Unwritten("rmsprop", length));
                run.Device.MoveAverage(0.01f, run.Numbers("w", w), run.Numbers("average", m));
                run.Device.AdagradStep(
                    new(0.7f, 0.1f, 1e-10f, 0.01f), run.Numbers("g", g), run.Numbers("w", w), run.Numbers("s", v), run.Unwritten("adagrad", length));
                run.Device.NadamStep(
                    new(0.7f, 0.9f, 0.999f, 0.02f, 0.03f, 3.1f, 1e-8f, 0.01f), run.Numbers("g", g), run.Numbers("w", w), run.Numbers("m", m),
                    run.Numbers("v", v), run.Unwritten("nadam", length));
            });
        }
    }

    [Fact]
    public void Attention_has_the_same_bits_in_every_width()
    {
        foreach (var shape in AttentionTests.Shapes)
        {
            var attention = new AttentionCase(shape, seed: 64, ragged: true);
            CheckWidths($"{attention}", run => attention.On(run));
        }
    }

    [Fact]
    public void Layer_normalisation_and_tanh_have_the_same_bits_in_every_width()
    {
        var draw = new Draw(69);
        foreach (var width in ElementTests.Lengths.Where(length => length > 0))
        {
            var (x, norm, dy) = (draw.Uniform(6 * width, 3), draw.Uniform(2 * width), draw.Uniform(6 * width));
            CheckWidths($"width={width}", run =>
            {
                NormTests.Run(run, 3, 2, width, x, norm, dy);
                var (y, gradient) = (run.Unwritten("tanh", x.Length), run.Numbers("gradient", dy));
                run.Device.Tanh(run.Numbers("x", x), y);
                run.Device.TanhGradient(y, gradient);
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
