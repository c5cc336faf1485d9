namespace LstmCluster.Compute.Tests;

public class LossTests
{
    const float Delta = 0.75f;

    static readonly (string Name, Action<Operands, DeviceSpan, DeviceSpan, int, int, DeviceIndices?, DeviceSpan, bool> Run)[] Dense =
    [
        ("binary cross-entropy", (run, x, t, count, width, mask, losses, gradient) => run.Device.BinaryCrossEntropy(x, t, count, width, mask, losses, gradient)),
        ("squared error", (run, x, t, count, width, mask, losses, gradient) => run.Device.SquaredError(x, t, count, width, mask, losses, gradient)),
        ("Huber", (run, x, t, count, width, mask, losses, gradient) => run.Device.HuberLoss(x, t, count, width, Delta, mask, losses, gradient)),
    ];

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Dense_losses_and_their_gradients_agree(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(60);
        foreach (var width in Enumerable.Range(1, 40).Concat([65, 100, 257]))
        {
            foreach (var (count, limit) in new[] { (1, 1.0), (5, 10.0), (3, 200.0) })
            {
                var (x, t) = (draw.Uniform(count * width, limit), draw.Positive(count * width));
                foreach (var (loss, on) in Dense)
                {
                    foreach (var (mask, gradient) in new[] { (default(int[]), true), (draw.Integers(count, 0, 2), true), (draw.Integers(count, 0, 2), false) })
                    {
                        device.ShouldAgreeWithReference(placement, $"{loss}, width={width}, count={count}, limit={limit}, gradient={gradient}", run => on(
                            run, run.Numbers("x", x), run.Numbers("t", t), count, width, mask is null ? null : run.Indices(mask),
                            run.Unwritten("losses", count), gradient), leastMagnitude: 1);
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void An_ignored_position_has_no_loss_and_no_gradient_whatever_it_holds(string name)
    {
        using var device = TestDevices.Open(name);
        foreach (var (loss, on) in Dense)
        {
            using var run = new Operands(device, Placement.BetweenNotNumbers);
            double[] values = [.. Enumerable.Repeat(0.25, 19), .. Enumerable.Repeat(double.NaN, 19)];
            var (x, losses) = (run.Numbers("x", values), run.Unwritten("losses", 2));

            on(run, x, run.Numbers("t", [.. Enumerable.Repeat(1.0, 19), .. Enumerable.Repeat(double.PositiveInfinity, 19)]), 2, 19, run.Indices(1, 0), losses, true);

            run.Read(losses)[1].ShouldBe(0, loss);
            run.Read(losses)[0].ShouldBeGreaterThan(0, loss);
            run.Read(x)[19..].ShouldAllBe(slope => slope == 0, loss);
            run.Read(x)[..19].ShouldAllBe(slope => slope < 0, loss);
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Binary_cross_entropy_of_a_sure_answer_is_nothing_or_the_logit(string name)
    {
        using var device = TestDevices.Open(name);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        var (x, losses) = (run.Numbers("x", [1e4f, -1e4f, 1e4f, -1e4f]), run.Unwritten("losses", 4));

        device.BinaryCrossEntropy(x, run.Numbers("t", [1, 0, 0, 1]), 4, 1, null, losses, gradient: true);

        run.Read(losses).ShouldBe([0, 0, 1e4f, 1e4f], 1e-6);
        run.Read(x).ShouldBe([0, 0, 1, -1], 1e-6);
    }

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Smoothed_cross_entropy_and_its_gradient_agree(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(61);
        foreach (var classes in Enumerable.Range(1, 40).Concat([65, 100, 257]))
        {
            foreach (var (count, limit, smoothing) in new[] { (1, 1.0, 0.1f), (7, 10.0, 0.5f), (5, 80.0, 1f), (3, 1e4, 0.01f) })
            {
                var (logits, targets) = (draw.Uniform(count * classes, limit), draw.Integers(count, -1, classes));
                foreach (var gradient in new[] { true, false })
                {
                    device.ShouldAgreeWithReference(placement, $"classes={classes}, count={count}, limit={limit}, smoothing={smoothing}", run =>
                        run.Device.SmoothedCrossEntropy(
                            run.Numbers("logits", logits), classes, run.Indices(targets), count, smoothing, run.Unwritten("losses", count), gradient),
                        leastMagnitude: 1);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Cross_entropy_without_smoothing_has_the_bits_of_the_plain_one(string name)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(62);
        foreach (var classes in ElementTests.Lengths.Where(length => length > 0))
        {
            var (logits, targets) = (draw.Uniform(3 * classes, 5), draw.Integers(3, -1, classes));
            using var plain = new Operands(device, Placement.BetweenNotNumbers);
            using var smoothed = new Operands(device, Placement.BetweenNotNumbers);

            device.SoftmaxCrossEntropy(plain.Numbers("x", logits), classes, plain.Indices(targets), 3, plain.Unwritten("losses", 3), true);
            device.SmoothedCrossEntropy(smoothed.Numbers("x", logits), classes, smoothed.Indices(targets), 3, 0f, smoothed.Unwritten("losses", 3), true);

            foreach (var ((label, wanted), (_, found)) in plain.ReadAll().Zip(smoothed.ReadAll()))
                found.ShouldHaveTheBitsOf(wanted, $"classes={classes}, {label}");
        }
    }
}
