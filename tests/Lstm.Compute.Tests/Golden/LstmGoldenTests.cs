namespace LstmCluster.Compute.Tests;

public class LstmGoldenTests
{
    public static TheoryData<string, string> Cases =>
    [
        .. from device in GoldenDevices.AllNames
           from extent in new[] { "1x1x1x1", "1x3x5x4", "7x1x3x17", "5x13x9x3", "9x2x17x33", "20x5x7x16" }
           select (device, extent),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_states_and_every_gradient_are_those_of_PyTorch(string name, string extent)
    {
        var golden = new GoldenFile($"lstm-{extent}");
        var shape = new LstmShape(golden.Integer("T"), golden.Integer("N"), golden.Integer("D"), golden.Integer("H"));
        var layer = new LstmCase(shape, seed: 0)
        {
            Parameters = new(golden.Numbers("W"), golden.Numbers("U"), golden.Numbers("b")),
            X = golden.Numbers("x"),
            H0 = golden.Numbers("h0"),
            C0 = golden.Numbers("c0"),
            Dy = golden.Numbers("dy"),
            DhT = golden.Numbers("dhT"),
            DcT = golden.Numbers("dcT"),
        };
        using var device = GoldenDevices.Open(name);
        using var run = new Operands(device, Placement.BetweenNotNumbers);

        var result = layer.On(run, shards: [new(0, shape.Rows)]);

        var state = shape.Rows * shape.Units;
        var gradient = result.WeightGradients.Single();
        Check("y", result.Hidden[state..]);
        Check("hT", result.Hidden[^state..]);
        Check("cT", result.Cells[^state..]);
        Check("dx", result.Dx);
        Check("dh0", result.Dh0);
        Check("dc0", result.Dc0);
        Check("dW", gradient.W);
        Check("dU", gradient.U);
        Check("db", gradient.B);

        void Check(string tensor, double[] found) =>
            Agreement.ShouldBeClose(found, golden.Numbers(tensor), GoldenDevices.Tolerance(name), $"{name}, {extent}, {tensor}");
    }
}
