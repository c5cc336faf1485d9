namespace LstmCluster.Compute.Tests;

public class AttentionGoldenTests
{
    public static TheoryData<string, string> Cases =>
    [
        .. from device in GoldenDevices.AllNames
           from name in new[]
           {
               "dot-one", "dot-whole", "dot-ragged", "general-one", "general-whole", "general-ragged",
               "additive-one", "additive-whole", "additive-ragged", "additive-wide",
           }
           select (device, name),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Attention_of_decoder_states_to_encoder_states_is_that_of_the_plain_equations(string device, string name)
    {
        using var tested = GoldenDevices.Open(device);
        using var run = new Operands(tested, Placement.BetweenNotNumbers);
        var golden = new GoldenFile($"attention-{name}");
        var (T, N, S) = (golden.Integer("T"), golden.Integer("N"), golden.Integer("S"));
        var (H, E, A) = (golden.Integer("H"), golden.Integer("E"), golden.Integer("A"));
        var isAdditive = name.StartsWith("additive", StringComparison.Ordinal);
        var (projectsKeys, projectsQueries) = (golden.Tensors.Contains("Wk"), golden.Tensors.Contains("Wq"));
        var shape = new AttentionShape(T, N, S, A, E) { Score = isAdditive ? AttentionScore.Additive : AttentionScore.Dot };
        var (decoder, encoder) = (Golden("decoder"), Golden("encoder"));
        var (queries, keys) = (decoder, encoder);
        if (projectsQueries)
        {
            queries = run.Unwritten("queries", T * N * A);
            tested.Multiply(decoder, T * N, run.Matrix(Golden("Wq"), A, H, MatrixUse.Forward), queries, Golden("bq"), accumulate: false);
        }

        if (projectsKeys)
        {
            keys = run.Unwritten("keys", S * N * A);
            tested.Multiply(encoder, S * N, run.Matrix(Golden("Wk"), A, E, MatrixUse.Forward), keys, default, accumulate: false);
        }

        var operands = new AttentionOperands(queries, keys, encoder, run.Unwritten("weights", T * N * S), run.Unwritten("context", T * N * E))
        {
            SourceLengths = run.Indices(golden.Integers("lengths")),
            ScoreVector = isAdditive ? Golden("v") : default,
        };
        var gradients = new AttentionGradients(
            Golden("dy"), run.Unwritten("dq", T * N * A), run.Numbers("dk", new double[S * N * A]), run.Numbers("dvalues", new double[S * N * E]))
        {
            ScoreVector = isAdditive ? run.Numbers("dv", new double[N * A]) : default,
        };

        tested.AttentionForward(shape, operands);
        tested.AttentionBackward(shape, operands, gradients);

        Check("weights", run.Read(operands.Weights));
        Check("context", run.Read(operands.Context));
        var (dDecoder, dEncoder) = (gradients.Queries, gradients.Values);
        if (isAdditive)
        {
            var sum = run.Unwritten("sum of dv", A);
            tested.LinearGradient(new(1, N), new(0, N), gradients.ScoreVector, A, default, 0, default, sum, accumulate: false);
            Check("d.v", run.Read(sum));
        }

        if (projectsQueries)
        {
            var (dWq, dbq) = (run.Unwritten("dWq", A * H), run.Unwritten("dbq", A));
            dDecoder = run.Unwritten("d decoder", T * N * H);
            tested.LinearGradient(new(T, N), new(0, N), gradients.Queries, A, decoder, H, dWq, dbq, accumulate: false);
            tested.Multiply(gradients.Queries, T * N, run.Matrix(Golden("Wq"), A, H, MatrixUse.Backward), dDecoder, default, accumulate: false);
            Check("d.Wq", run.Read(dWq));
            Check("d.bq", run.Read(dbq));
        }

        if (projectsKeys)
        {
            var dWk = run.Unwritten("dWk", A * E);
            tested.LinearGradient(new(S, N), new(0, N), gradients.Keys, A, encoder, E, dWk, default, accumulate: false);
            tested.Multiply(gradients.Keys, S * N, run.Matrix(Golden("Wk"), A, E, MatrixUse.Backward), dEncoder, default, accumulate: true);
            Check("d.Wk", run.Read(dWk));
        }
        else
        {
            tested.Add(dEncoder, gradients.Keys);
        }

        Check("d.decoder", run.Read(dDecoder));
        Check("d.encoder", run.Read(dEncoder));

        DeviceSpan Golden(string tensor) => run.Numbers(tensor, golden.Numbers(tensor));

        // One step with one source step has a weight of 1, whatever the score: what is exactly zero there is compared with terms of size 1.
        void Check(string tensor, double[] found) =>
            Agreement.ShouldBeClose(found, golden.Numbers(tensor), GoldenDevices.Tolerance(device), $"{device}, {name}, {tensor}", leastMagnitude: 0.01);
    }

    [Theory]
    [MemberData(nameof(GoldenDevices.Names), MemberType = typeof(GoldenDevices))]
    public void Layer_normalisation_is_that_of_PyTorch(string device)
    {
        using var tested = GoldenDevices.Open(device);
        using var run = new Operands(tested, Placement.BetweenNotNumbers);
        var golden = new GoldenFile("layer-norm");
        var (shape, width) = (new BatchShape(golden.Integer("T"), golden.Integer("N")), golden.Integer("width"));
        var (count, length) = (shape.Positions, shape.Positions * width);
        var norm = run.Numbers("norm", [.. golden.Numbers("gain"), .. golden.Numbers("shift")]);
        var (normalized, deviations) = (run.Unwritten("normalized", length), run.Unwritten("deviations", count));
        var (y, dx, gradient) = (run.Unwritten("y", length), run.Unwritten("dx", length), run.Unwritten("gradient", 2 * width));
        var dy = run.Numbers("dy", golden.Numbers("dy"));

        tested.NormForward(count, width, run.Numbers("x", golden.Numbers("x")), norm, normalized, deviations, y);
        tested.NormBackward(count, width, norm, normalized, deviations, dy, dx);
        tested.NormWeightGradient(shape, new(0, shape.Rows), width, dy, normalized, gradient, accumulate: false);

        Check("y", run.Read(y));
        Check("dx", run.Read(dx));
        Check("d.gain", run.Read(gradient)[..width]);
        Check("d.shift", run.Read(gradient)[width..]);

        void Check(string tensor, double[] found) =>
            Agreement.ShouldBeClose(found, golden.Numbers(tensor), GoldenDevices.Tolerance(device), $"{device}, {tensor}");
    }
}
