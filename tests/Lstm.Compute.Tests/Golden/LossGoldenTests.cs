namespace LstmCluster.Compute.Tests;

public class LossGoldenTests
{
    static readonly GoldenFile Losses = new("losses");
    static readonly GoldenFile Poolings = new("pooling");

    public static TheoryData<string> Devices => GoldenDevices.Names;

    [Theory]
    [MemberData(nameof(Devices))]
    public void Smoothed_cross_entropy_is_that_of_PyTorch(string name)
    {
        var (count, classes) = (Losses.Integer("count"), Losses.Integer("width"));
        Check(name, "smoothed", (run, x, losses) => run.Device.SmoothedCrossEntropy(
            x, classes, run.Indices(Losses.Integers("classes")), count, (float)Losses.Number("smoothing"), losses, gradient: true));
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Dense_losses_are_those_of_PyTorch(string name)
    {
        var (count, width) = (Losses.Integer("count"), Losses.Integer("width"));
        Check(name, "binary", (run, x, losses) => run.Device.BinaryCrossEntropy(
            x, run.Numbers("t", Losses.Numbers("targets")), count, width, run.Indices(Losses.Integers("mask")), losses, gradient: true));
        Check(name, "squared", (run, x, losses) => run.Device.SquaredError(
            x, run.Numbers("t", Losses.Numbers("targets")), count, width, run.Indices(Losses.Integers("mask")), losses, gradient: true));
        Check(name, "huber", (run, x, losses) => run.Device.HuberLoss(
            x, run.Numbers("t", Losses.Numbers("targets")), count, width, (float)Losses.Number("delta"), run.Indices(Losses.Integers("mask")), losses,
            gradient: true));
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Poolings_are_those_of_PyTorch(string name)
    {
        var (shape, width) = (new BatchShape(Poolings.Integer("T"), Poolings.Integer("N")), Poolings.Integer("D"));
        foreach (var (kind, label) in new[] { (Pooling.Last, "last"), (Pooling.Mean, "mean"), (Pooling.Max, "max") })
        {
            using var device = GoldenDevices.Open(name);
            using var run = new Operands(device, Placement.BetweenNotNumbers);
            var (x, lengths) = (run.Numbers("x", Poolings.Numbers("x")), run.Indices(Poolings.Integers("lengths")));
            var (y, dx) = (run.Unwritten("y", shape.Rows * width), run.Unwritten("dx", shape.Positions * width));

            device.PoolForward(kind, shape, width, lengths, x, y);
            device.PoolBackward(kind, shape, width, lengths, x, y, run.Numbers("dy", Poolings.Numbers("dy")), dx);

            Agreement.ShouldBeClose(run.Read(y), Poolings.Numbers($"{label}.y"), GoldenDevices.Tolerance(name), $"{name}, {label}, y");
            Agreement.ShouldBeClose(run.Read(dx), Poolings.Numbers($"{label}.dx"), GoldenDevices.Tolerance(name), $"{name}, {label}, dx");
        }
    }

    static void Check(string name, string label, Action<Operands, DeviceSpan, DeviceSpan> loss)
    {
        using var device = GoldenDevices.Open(name);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        var (x, losses) = (run.Numbers("x", Losses.Numbers("outputs")), run.Unwritten("losses", Losses.Integer("count")));

        loss(run, x, losses);

        Agreement.ShouldBeClose(run.Read(losses), Losses.Numbers($"{label}.losses"), GoldenDevices.Tolerance(name), $"{name}, {label}, losses");
        Agreement.ShouldBeClose(run.Read(x), Losses.Numbers($"{label}.gradient"), GoldenDevices.Tolerance(name), $"{name}, {label}, gradient");
    }
}
