namespace LstmCluster.Compute.Tests;

public class LayerGoldenTests
{
    // States leave a device in single precision, the double reference's too.
    const double SinglePrecision = 2e-7;

    /// <summary>What each file is of, for D = 3.</summary>
    static readonly Dictionary<string, Func<Layer[]>> s_chains = new()
    {
        ["lstm-bidirectional"] = () => [Bidirectional.OfLstm(3, 5)],
        ["lstm-stacked"] = () => [new Lstm(3, 5), new Lstm(5, 5), new Lstm(5, 5)],
        ["lstm-stacked-bidirectional"] = () => [Bidirectional.OfLstm(3, 4), Bidirectional.OfLstm(8, 4)],
        ["gru-bidirectional"] = () => [Bidirectional.OfGru(3, 5)],
        ["gru-stacked"] = () => [new Gru(3, 5), new Gru(5, 5), new Gru(5, 5)],
        ["gru-stacked-bidirectional"] = () => [Bidirectional.OfGru(3, 4), Bidirectional.OfGru(8, 4)],
        ["rnn-bidirectional"] = () => [Bidirectional.OfRnn(3, 5)],
        ["rnn-stacked"] = () => [new Rnn(3, 5), new Rnn(5, 5), new Rnn(5, 5)],
        ["rnn-stacked-bidirectional"] = () => [Bidirectional.OfRnn(3, 4), Bidirectional.OfRnn(8, 4)],
        ["lstm-sum"] = () => [Bidirectional.OfLstm(3, 5, Merge.Sum)],
        ["lstm-average"] = () => [Bidirectional.OfLstm(3, 5, Merge.Average)],
        ["lstm-projected-bidirectional"] = () => [Bidirectional.OfLstm(3, 5, options: new() { Projection = 2 })],
        ["composed"] = () =>
        [
            Bidirectional.OfLstm(3, 3), new LayerNormalization(6), new Residual(Bidirectional.OfLstm(6, 3)), new LayerNormalization(6), new Gru(6, 4),
        ],
    };

    public static TheoryData<string, string> Cases =>
    [
        .. from device in GoldenDevices.AllNames
           from chain in s_chains.Keys
           from suffix in chain.Contains("stacked", StringComparison.Ordinal) || chain[4..].EndsWith("bidirectional", StringComparison.Ordinal) ? new[] { "", "-packed" } : [""]
           where chain != "lstm-projected-bidirectional" || suffix.Length == 0
           select (device, chain + suffix),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_final_states_and_every_gradient_are_those_of_PyTorch(string name, string file)
    {
        var (golden, tolerance) = (new GoldenFile($"layers-{file}"), GoldenDevices.Tolerance(name));
        var (shape, lengths) = (new BatchShape(golden.Integer("T"), golden.Integer("N")), golden.Integers("lengths"));
        var tensors = golden.Tensors.ToHashSet();
        using var device = GoldenDevices.Open(name);
        using var operands = new Operands(device, Placement.BetweenNotNumbers);
        using var chain = new LayerChain(s_chains[file.Replace("-packed", "", StringComparison.Ordinal)](), operands, golden.Numbers, shape, lengths);
        int[] WithState(string kind) => [.. Enumerable.Range(0, 5).Where(layer => tensors.Contains($"{kind}.{layer}"))];
        foreach (var layer in WithState("state"))
            chain.WriteStates(layer, golden.Numbers($"state.{layer}"));

        Check("y", WithoutPadding(chain.Forward(golden.Numbers("x"))), tolerance);
        foreach (var layer in WithState("final"))
            Check($"final.{layer}", chain.FinalStates(layer), Math.Max(SinglePrecision, tolerance));
        Check("dx", chain.Backward(golden.Numbers("dy"), layer => tensors.Contains($"dfinal.{layer}") ? golden.Numbers($"dfinal.{layer}") : null), tolerance);
        foreach (var layer in WithState("dstate"))
            Check($"dstate.{layer}", chain.InitialGradients(layer), tolerance);
        var gradient = chain.Gradient();
        tensors.Count(tensor => tensor.StartsWith("d.", StringComparison.Ordinal)).ShouldBe(chain.Parameters.Parameters.Count);
        foreach (var parameter in chain.Parameters.Parameters)
            Check($"d.{parameter.Name}", gradient[parameter.Offset..(parameter.Offset + parameter.Length)], tolerance);

        void Check(string tensor, double[] found, double allowed) =>
            Agreement.ShouldBeClose(found, golden.Numbers(tensor), allowed, $"{name}, {file}, {tensor}");

        // Where a row has ended PyTorch leaves zeros; here the state is carried.
        double[] WithoutPadding(double[] y)
        {
            var width = y.Length / shape.Positions;
            return [.. y.Select((value, index) => index / width / shape.Rows < lengths[index / width % shape.Rows] ? value : 0)];
        }
    }
}
