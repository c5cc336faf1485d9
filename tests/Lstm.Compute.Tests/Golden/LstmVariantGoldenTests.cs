namespace LstmCluster.Compute.Tests;

public class LstmVariantGoldenTests
{
    public static TheoryData<string, string> Cases =>
    [
        .. from device in GoldenDevices.AllNames
           from variant in new[]
           {
               "peephole", "coupled", "coupled-peephole", "layer-norm", "clip", "dropout", "zoneout", "zoneout-mean",
               "everything", "everything-coupled-reverse", "packed-forward", "packed-reverse",
               "projected-forward", "projected-reverse", "projected-packed-forward", "projected-packed-reverse",
           }
           select (device, variant),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_states_and_every_gradient_are_those_of_PyTorch(string name, string variant)
    {
        var golden = new GoldenFile($"lstm-variant-{variant}");
        var layer = CaseOf(golden);
        using var device = GoldenDevices.Open(name);
        using var run = new Operands(device, Placement.BetweenNotNumbers);

        var result = layer.On(run, shards: [new(0, layer.Shape.Rows)]);

        // Layer normalisation enlarges a rounding by the inverse deviation.
        var tolerance = GoldenDevices.Tolerance(name) * Math.Max(1, LstmConditioning.LargestInverseDeviation(layer));
        Check("y", result.Output(layer.Shape));
        Check("hT", result.FinalHidden(layer.Shape));
        Check("cT", result.FinalCell(layer.Shape));
        Check("dx", result.Dx);
        Check("dh0", result.Dh0);
        Check("dc0", result.Dc0);
        foreach (var (tensor, gradient) in Named(result.WeightGradients.Single()))
            Check($"d.{tensor}", gradient);

        void Check(string tensor, double[] found) =>
            Agreement.ShouldBeClose(found, golden.Numbers(tensor), tolerance, $"{name}, {variant}, {tensor}");
    }

    static LstmCase CaseOf(GoldenFile golden)
    {
        var options = new LstmOptions
        {
            Reverse = golden.Integer("reverse") > 0,
            Peephole = golden.Integer("peephole") > 0,
            CoupledInputForget = golden.Integer("coupled") > 0,
            LayerNorm = golden.Integer("layerNorm") > 0,
            Projection = golden.Integer("projection"),
            CellClip = (float)golden.Number("clip"),
            RecurrentDropout = (float)golden.Number("dropout"),
            ZoneoutHidden = (float)golden.Number("zoneoutHidden"),
            ZoneoutCell = (float)golden.Number("zoneoutCell"),
            MaskStream = 7,
        };
        var shape = new LstmShape(golden.Integer("T"), golden.Integer("N"), golden.Integer("D"), golden.Integer("H")) { Options = options };
        double[] When(bool isOn, string tensor) => isOn ? golden.Numbers(tensor) : [];
        return new(shape, seed: 0)
        {
            Parameters = new(golden.Numbers("W"), golden.Numbers("U"), golden.Numbers("b"))
            {
                Peephole = When(options.Peephole, "peephole"),
                Projection = When(options.Projection > 0, "projection"),
                InputNorm = When(options.LayerNorm, "inputNorm"),
                RecurrentNorm = When(options.LayerNorm, "recurrentNorm"),
                CellNorm = When(options.LayerNorm, "cellNorm"),
            },
            X = golden.Numbers("x"),
            H0 = golden.Numbers("h0"),
            C0 = golden.Numbers("c0"),
            Dy = golden.Numbers("dy"),
            DhT = golden.Numbers("dhT"),
            DcT = golden.Numbers("dcT"),
            Lengths = golden.Integers("lengths"),
            RowKeys = golden.Integers("keys"),
            Training = golden.Integer("training") > 0,
        };
    }

    static IEnumerable<(string Tensor, double[] Values)> Named(LstmNumbers numbers) =>
        new[]
        {
            ("W", numbers.W), ("U", numbers.U), ("b", numbers.B), ("peephole", numbers.Peephole), ("projection", numbers.Projection),
            ("inputNorm", numbers.InputNorm), ("recurrentNorm", numbers.RecurrentNorm), ("cellNorm", numbers.CellNorm),
        }.Where(named => named.Item2.Length > 0);
}
