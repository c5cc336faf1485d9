namespace LstmCluster.Compute.Tests;

public class SequenceModelGoldenTests
{
    // Losses and outputs leave a device in single precision, the double reference's too.
    const double SinglePrecision = 2e-7;

    static readonly string[] s_files =
        ["last-cross-entropy", "mean-smoothed", "max-binary", "last-squared", "max-huber", "every-squared", "every-cross-entropy", "tied", "characters"];

    public static TheoryData<string, string> Cases => [.. from device in GoldenDevices.AllNames from file in s_files select (device, file)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_losses_and_every_gradient_are_those_of_PyTorch(string name, string file)
    {
        var golden = new GoldenFile($"model-{file}");
        var tolerance = Math.Max(SinglePrecision, GoldenDevices.Tolerance(name));
        var (model, shape, lengths) = (Model(golden, file), new BatchShape(golden.Integer("T"), golden.Integer("N")), golden.Integers("lengths"));
        using var device = GoldenDevices.Open(name);
        using var operands = new Operands(device, Placement.BetweenNotNumbers);
        using var weights = new ModelWeights(model, device, training: true);
        using var run = new SequenceRun(model, device);
        weights.Load(operands.Numbers("weights", [.. model.Parameters.Parameters.SelectMany(parameter => golden.Numbers($"weight.{parameter.Name}"))]));
        var gradient = operands.Unwritten("gradient", model.Parameters.Length);
        run.Load(new Batch
        {
            Shape = shape,
            Tokens = model.Vocabulary > 0 ? golden.Integers("tokens") : [],
            Characters = model.Tokens.Characters is null ? [] : golden.Integers("characters"),
            Features = model.Vocabulary > 0 ? [] : Singles(golden.Numbers("x")),
            Classes = model.Loss.TakesClasses ? golden.Integers("targets") : [],
            Values = model.Loss.TakesClasses ? [] : Singles(golden.Numbers("targets")),
            Lengths = lengths,
        });
        run.Forward(weights, training: true);
        var (outputs, losses) = (new float[run.LossShape.Positions * model.Outputs], new float[run.LossShape.Positions]);
        run.ReadOutputs(outputs);
        run.Losses(losses);
        run.Backward(weights, [new GradientTarget(new(0, 1), gradient)]);

        // PyTorch leaves zeros behind a row's end where here its state goes on; nothing depends on either.
        bool Counts(int position) => position / shape.Rows < lengths[position % shape.Rows];
        Agreement.ShouldBeClose(
            [.. outputs.Where((_, index) => Counts(index / model.Outputs)).Select(x => (double)x)],
            [.. golden.Numbers("outputs").Where((_, index) => Counts(index / model.Outputs))], tolerance, $"{name}, {file}, outputs");
        Agreement.ShouldBeClose([.. losses], golden.Numbers("losses"), tolerance, $"{name}, {file}, losses");
        model.Parameters.Parameters.Count.ShouldBe(golden.Tensors.Count(tensor => tensor.StartsWith("gradient.", StringComparison.Ordinal)));
        foreach (var parameter in model.Parameters.Parameters)
        {
            Agreement.ShouldBeClose(
                operands.Read(gradient.Slice(parameter.Offset, parameter.Length)), golden.Numbers($"gradient.{parameter.Name}"),
                GoldenDevices.Tolerance(name), $"{name}, {file}, gradient of {parameter.Name}");
        }
    }

    static SequenceModel Model(GoldenFile golden, string file)
    {
        var units = golden.Integer("H");
        if (file == "tied")
        {
            var embedding = new Embedding(golden.Integer("V"), units);
            return new SequenceModel(embedding, [new Lstm(units, units)], new TiedLinear(embedding), loss: new CrossEntropy((float)golden.Number("smoothing")));
        }

        if (file == "characters")
        {
            var (words, letters, read) = (golden.Integer("E"), golden.Integer("W"), golden.Integer("U"));
            return new SequenceModel(
                new Embedding(golden.Integer("V"), words), [Bidirectional.OfLstm(words + (2 * read), units)], new Linear(2 * units, golden.Integer("O")),
                tokens: new TokenOptions { Characters = new CharacterEncoder(new Embedding(golden.Integer("K"), letters), Bidirectional.OfLstm(letters, read)) });
        }

        Pooling? pooling = file.Split('-')[0] switch { "last" => Pooling.Last, "mean" => Pooling.Mean, "max" => Pooling.Max, _ => null };
        Loss loss = file[(file.IndexOf('-', StringComparison.Ordinal) + 1)..] switch
        {
            "cross-entropy" => new CrossEntropy(),
            "smoothed" => new CrossEntropy((float)golden.Number("smoothing")),
            "binary" => new BinaryCrossEntropy(),
            "squared" => new SquaredError(),
            _ => new Huber((float)golden.Number("delta")),
        };
        return new SequenceModel([new Lstm(golden.Integer("D"), units), new Gru(units, units)], new Linear(units, golden.Integer("O")), pooling, loss);
    }

    static float[] Singles(double[] values) => Array.ConvertAll(values, x => (float)x);
}
