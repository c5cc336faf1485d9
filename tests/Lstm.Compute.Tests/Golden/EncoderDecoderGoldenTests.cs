namespace LstmCluster.Compute.Tests;

public class EncoderDecoderGoldenTests
{
    // Losses, scores and attention weights leave a device in single precision, the double reference's too.
    const double SinglePrecision = 2e-7;

    // The generator's.
    const int Start = 0;

    static readonly string[] s_cases = ["plain", "gru", "dot", "dot-fed", "general-fed", "general-gru", "additive", "additive-fed-tied", "rnn-fed", "deep-encoder"];

    public static TheoryData<string, string> Cases => [.. from name in s_cases from device in GoldenDevices.AllNames select (name, device)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Scores_loss_attention_and_every_gradient_are_those_of_PyTorch(string name, string deviceName)
    {
        var golden = new GoldenFile($"seq2seq-{name}");
        var tolerance = Math.Max(SinglePrecision, GoldenDevices.Tolerance(deviceName));
        var (model, source, steps) = (Model(golden), new BatchShape(golden.Integer("S"), golden.Integer("N")), golden.Integer("U"));
        using var device = GoldenDevices.Open(deviceName);
        using var operands = new Operands(device, Placement.BetweenNotNumbers);
        using var weights = new ModelWeights(model, device, training: true);
        using var run = new EncoderDecoderRun(model, device);
        weights.Load(operands.Numbers("weights", [.. model.Parameters.Parameters.SelectMany(parameter => golden.Numbers($"weight.{parameter.Name}"))]));
        run.Load(new Batch
        {
            Shape = source,
            Tokens = golden.Integers("tokens"),
            Lengths = golden.Integers("lengths"),
            TargetSteps = steps,
            Classes = golden.Integers("classes"),
            Shards = [new ShardRows(0, new(0, source.Rows))],
        });
        run.Forward(weights, training: true);

        var scores = new float[run.LossShape.Positions * model.Classes];
        run.ReadOutputs(scores);
        Agreement.ShouldBeClose([.. scores], golden.Numbers("logits"), tolerance, $"{deviceName}, scores");
        if (model.Options.Attention is not null)
        {
            var looks = new float[steps * source.Rows * source.Steps];
            run.ReadAttention(looks);
            Agreement.ShouldBeClose([.. looks], golden.Numbers("attention"), tolerance, $"{deviceName}, attention");
        }

        var losses = new float[run.LossShape.Positions];
        run.Losses(losses);
        losses.Sum(loss => (double)loss).ShouldBe(golden.Number("loss"), tolerance * golden.Number("loss"));
        var gradient = operands.Unwritten("gradient", model.Parameters.Length);
        run.Backward(weights, [new GradientTarget(new(0, 1), gradient)]);
        model.Parameters.Parameters.Count.ShouldBe(golden.Tensors.Count(tensor => tensor.StartsWith("gradient.", StringComparison.Ordinal)));
        foreach (var parameter in model.Parameters.Parameters)
        {
            Agreement.ShouldBeClose(
                operands.Read(gradient.Slice(parameter.Offset, parameter.Length)), golden.Numbers($"gradient.{parameter.Name}"),
                GoldenDevices.Tolerance(deviceName), $"{deviceName}, gradient of {parameter.Name}");
        }
    }

    static EncoderDecoder Model(GoldenFile golden)
    {
        var (sides, encoderUnits, units) = (golden.Integer("sides"), golden.Integer("encoderUnits"), golden.Integer("decoderUnits"));
        var source = new Embedding(golden.Integer("sourceVocabulary"), golden.Integer("sourceEmbedding"));
        var target = new Embedding(golden.Integer("targetVocabulary"), golden.Integer("targetEmbedding"));
        var (kind, feeds, memory) = (golden.Text("attention"), golden.Integer("feeding") == 1, sides * encoderUnits);
        var attention = kind == "none" ? null : new Attention(
            Enum.Parse<AttentionKind>(kind, ignoreCase: true), memory, units, golden.Integer("attentionUnits"));
        var encoder = new List<Layer>();
        for (var layer = 0; layer < golden.Integer("encoderLayers"); layer++)
            encoder.Add(EncoderDecoderCase.Layer(golden.Text("encoder"), layer == 0 ? source.Width : memory, encoderUnits, sides));
        var decoder = new List<Layer>();
        for (var layer = 0; layer < golden.Integer("decoderLayers"); layer++)
            decoder.Add(EncoderDecoderCase.Layer(golden.Text("decoder"), layer > 0 ? units : target.Width + (feeds ? units : 0), units, sides: 1));
        IHead head = golden.Integer("tied") == 1 ? new TiedLinear(target) : new Linear(units, target.Vocabulary);
        return new EncoderDecoder(source, encoder, target, decoder, head, new EncoderDecoderOptions
        {
            StartToken = Start,
            EndToken = 1,
            Attention = attention,
            InputFeeding = feeds,
            Loss = new CrossEntropy((float)golden.Number("smoothing")),
        });
    }
}
