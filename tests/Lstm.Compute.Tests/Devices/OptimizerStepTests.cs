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
