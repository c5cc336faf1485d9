namespace LstmCluster.Compute.Tests;

public class OptimizerStepTests
{
    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Gradient_descent_agrees(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(20);
        foreach (var length in ElementTests.Lengths)
        {
            var (g, w, v) = (draw.Uniform(length), draw.Uniform(length), draw.Uniform(length));
            foreach (var (step, hasVelocity) in new[] { (new SgdStep(0.7f, 0.1f, 0.9f, 0.01f), true), (new(1, 0.3f, 0, 0), false), (new(0.5f, 0.3f, 0, 0.1f), false) })
            {
                device.ShouldAgreeWithReference(placement, $"{step}, length {length}", run => run.Device.SgdStep(
                    step, run.Numbers("g", g), run.Numbers("w", w), hasVelocity ? run.Numbers("v", v) : default, run.Unwritten("updated", length)), 1e-6, leastMagnitude: 1);
                device.ShouldAgreeWithReference(placement, $"in place, {step}, length {length}", run =>
                {
                    var weights = run.Numbers("w", w);
                    run.Device.SgdStep(step, run.Numbers("g", g), weights, hasVelocity ? run.Numbers("v", v) : default, weights);
                }, 1e-6, leastMagnitude: 1);
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Adam_agrees(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(21);
        foreach (var length in ElementTests.Lengths)
        {
            var (g, w, m, v) = (draw.Uniform(length), draw.Uniform(length), draw.Uniform(length), draw.Positive(length));
            foreach (var step in new AdamStep[] { new(0.7f, 0.9f, 0.999f, 0.02f, 3.1f, 1e-8f, 1), new(1, 0.5f, 0.25f, 0.3f, 1.5f, 0.1f, 0.99f) })
            {
                device.ShouldAgreeWithReference(placement, $"{step}, length {length}", run => run.Device.AdamStep(
                    step, run.Numbers("g", g), run.Numbers("w", w), run.Numbers("m", m), run.Numbers("v", v), run.Unwritten("updated", length)), 1e-6, leastMagnitude: 1);
                device.ShouldAgreeWithReference(placement, $"in place, {step}, length {length}", run =>
                {
                    var weights = run.Numbers("w", w);
                    run.Device.AdamStep(step, run.Numbers("g", g), weights, run.Numbers("m", m), run.Numbers("v", v), weights);
                }, 1e-6, leastMagnitude: 1);
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void RmsProp_agrees(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(40);
        foreach (var length in ElementTests.Lengths)
        {
            // A mean whose square stays well below the mean square, as it does over a sequence of gradients: nothing cancels.
            var (g, w, v) = (draw.Uniform(length), draw.Uniform(length), draw.Uniform(length));
            var (s, a) = (draw.Positive(length).Select(x => (double)(float)(x + 0.5)).ToArray(), draw.Uniform(length, 0.4));
            foreach (var (centered, moving) in new[] { (false, false), (true, false), (false, true), (true, true) })
            {
                foreach (var step in new RmsPropStep[] { new(0.7f, 0.1f, 0.99f, 1e-8f, 0.9f, 0.01f), new(1, 0.3f, 0.5f, 0.1f, 0.5f, 0) })
                {
                    device.ShouldAgreeWithReference(placement, $"{step}, length {length}", run => run.Device.RmsPropStep(
                        step, run.Numbers("g", g), run.Numbers("w", w), run.Numbers("s", s), centered ? run.Numbers("a", a) : default,
                        moving ? run.Numbers("v", v) : default, run.Unwritten("updated", length)), 1e-6, leastMagnitude: 1);
                    device.ShouldAgreeWithReference(placement, $"in place, {step}, length {length}", run =>
                    {
                        var weights = run.Numbers("w", w);
                        run.Device.RmsPropStep(
                            step, run.Numbers("g", g), weights, run.Numbers("s", s), centered ? run.Numbers("a", a) : default,
                            moving ? run.Numbers("v", v) : default, weights);
                    }, 1e-6, leastMagnitude: 1);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Adagrad_agrees(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(41);
        foreach (var length in ElementTests.Lengths)
        {
            var (g, w, s) = (draw.Uniform(length), draw.Uniform(length), draw.Positive(length));
            foreach (var step in new AdagradStep[] { new(0.7f, 0.1f, 1e-10f, 0.01f), new(1, 0.3f, 0.1f, 0) })
            {
                device.ShouldAgreeWithReference(placement, $"{step}, length {length}", run => run.Device.AdagradStep(
                    step, run.Numbers("g", g), run.Numbers("w", w), run.Numbers("s", s), run.Unwritten("updated", length)), 1e-6, leastMagnitude: 1);
                device.ShouldAgreeWithReference(placement, $"in place, {step}, length {length}", run =>
                {
                    var weights = run.Numbers("w", w);
                    run.Device.AdagradStep(step, run.Numbers("g", g), weights, run.Numbers("s", s), weights);
                }, 1e-6, leastMagnitude: 1);
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void Nadam_agrees(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(42);
        foreach (var length in ElementTests.Lengths)
        {
            var (g, w, m) = (draw.Uniform(length), draw.Uniform(length), draw.Uniform(length));
            var v = draw.Positive(length).Select(x => (double)(float)(x + 0.01)).ToArray();
            foreach (var step in new NadamStep[] { new(0.7f, 0.9f, 0.999f, 0.02f, 0.03f, 3.1f, 1e-8f, 0.01f), new(1, 0.5f, 0.25f, 0.3f, 0.1f, 1.5f, 0.1f, 0) })
            {
                device.ShouldAgreeWithReference(placement, $"{step}, length {length}", run => run.Device.NadamStep(
                    step, run.Numbers("g", g), run.Numbers("w", w), run.Numbers("m", m), run.Numbers("v", v), run.Unwritten("updated", length)), 1e-6, leastMagnitude: 1);
                device.ShouldAgreeWithReference(placement, $"in place, {step}, length {length}", run =>
                {
                    var weights = run.Numbers("w", w);
                    run.Device.NadamStep(step, run.Numbers("g", g), weights, run.Numbers("m", m), run.Numbers("v", v), weights);
                }, 1e-6, leastMagnitude: 1);
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Placed), MemberType = typeof(TestDevices))]
    public void A_moved_average_agrees(string name, Placement placement)
    {
        using var device = TestDevices.Open(name);
        var draw = new Draw(44);
        foreach (var length in ElementTests.Lengths)
        {
            var (w, average) = (draw.Uniform(length), draw.Uniform(length));
            foreach (var share in new[] { 0.001f, 0.3f, 1f })
            {
                device.ShouldAgreeWithReference(
                    placement, $"share {share}, length {length}", run => run.Device.MoveAverage(share, run.Numbers("w", w), run.Numbers("average", average)),
                    1e-6, leastMagnitude: 1);
            }
        }
    }

    /// <summary>A gradient that never changes has no variance, which rounding must not make negative: its root would be NaN for good.</summary>
    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Centered_RmsProp_survives_a_gradient_that_never_changes(string name)
    {
        using var device = TestDevices.Open(name);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        var g = run.Numbers("g", new Draw(43).Uniform(37));
        var (w, s, a) = (run.Numbers("w", new double[37]), run.Numbers("s", new double[37]), run.Numbers("a", new double[37]));

        for (var step = 0; step < 200; step++)
        {
            device.RmsPropStep(new(1, 1e-9f, 0.5f, 1e-3f, 0, 0), g, w, s, a, default, w);
            run.Read(w).ShouldAllBe(x => double.IsFinite(x), $"step {step}");
        }
    }

    /// <summary>The product of all mu is formed anew in each update, so an update far along depends on its number alone.</summary>
    [Fact]
    public void Nadam_far_along_is_Adam_with_all_of_Nesterovs_momentum()
    {
        using var device = new ReferenceDevice<double>();
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        var (w, m, v) = (run.Numbers("w", [1]), run.Numbers("m", [0.5]), run.Numbers("v", [0.25]));

        new Nadam(Beta1: 0.5, Beta2: 0.75, Epsilon: 0.125).Apply(device, 1_000_000, 0.25, 1, run.Numbers("g", [1]), w, [m, v], w);

        // m = 0.75, v = 0.4375; mu is Beta1 itself and the product of all is nothing.
        run.Read(w)[0].ShouldBe(1 - (((0.25 * 0.5) + (0.25 * 0.5 * 0.75)) / (Math.Sqrt(0.4375) + 0.125)), 1e-7);
    }

    /// <summary>A row of an embedding table that no token names: gradient, moments and step are zero.</summary>
    [Theory]
    [MemberData(nameof(TestDevices.Names), MemberType = typeof(TestDevices))]
    public void Adam_leaves_a_weight_without_any_gradient_as_it_is(string name)
    {
        using var device = TestDevices.Open(name);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        var (zeros, w) = (new double[37], new Draw(22).Uniform(37));
        var updated = run.Unwritten("updated", 37);

        device.AdamStep(
            new(1, 0.9f, 0.999f, 0.01f, 1, 1e-8f, 1), run.Numbers("g", zeros), run.Numbers("w", w), run.Numbers("m", zeros), run.Numbers("v", zeros), updated);

        run.Read(updated).ShouldBe(w);
    }
}
