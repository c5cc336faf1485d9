namespace LstmCluster.Compute.Tests;

public class RecurrentGoldenTests
{
    public static TheoryData<string, RecurrentKind, string> Cases =>
    [
        .. from device in GoldenDevices.AllNames
           from kind in Enum.GetValues<RecurrentKind>()
           from name in new[]
           {
               "1x1x1x1", "7x1x3x17", "5x13x9x3", "9x2x17x33",
               "bidirectional-forward", "bidirectional-reverse", "packed-forward", "packed-reverse",
           }
           select (device, kind, name),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_states_and_every_gradient_are_those_of_PyTorch(string device, RecurrentKind kind, string name)
    {
        var golden = new GoldenFile($"{(kind == RecurrentKind.Gru ? "gru" : "rnn")}-{name}");
        var shape = new RecurrentShape(golden.Integer("T"), golden.Integer("N"), golden.Integer("D"), golden.Integer("H"))
        {
            Reverse = golden.Integer("reverse") > 0,
        };
        var layer = new RecurrentCase(kind, shape, seed: 0)
        {
            Parameters = new(golden.Numbers("W"), golden.Numbers("U"), golden.Numbers("b"), kind == RecurrentKind.Gru ? golden.Numbers("c") : []),
            X = golden.Numbers("x"),
            H0 = golden.Numbers("h0"),
            Dy = golden.Numbers("dy"),
            DhT = golden.Numbers("dhT"),
            Lengths = golden.Integers("lengths"),
        };
        using var tested = GoldenDevices.Open(device);
        using var run = new Operands(tested, Placement.BetweenNotNumbers);

        var result = layer.On(run, shards: [new(0, shape.Rows)]);

        Check("y", result.Output(shape));
        Check("hT", result.FinalHidden(shape));
        Check("dx", result.Dx);
        Check("dh0", result.Dh0);
        foreach (var (tensor, gradient) in result.WeightGradients.Single().All)
            Check($"d.{tensor}", gradient);

        void Check(string tensor, double[] found) =>
            Agreement.ShouldBeClose(found, golden.Numbers(tensor), GoldenDevices.Tolerance(device), $"{device}, {kind}, {name}, {tensor}");
    }
}
