using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>From inputs to what a model of a task says of them.</summary>
abstract class Answers
{
    /// <summary>Makes the answers of a task.</summary>
    public static Answers Of(TrainedModel trained, PredictionOptions options) => trained.Job.Task switch
    {
        ClassifierTask => new ClassAnswers(trained.Encoding.Classes!),
        TaggerTask => new TagAnswers(trained.Encoding.Classes!),
        RegressorTask => new ValueAnswers(trained.Model.Outputs, trained.Job.Model.Loss is BinaryCrossEntropyOptions),
        SequenceToSequenceTask => new SequenceAnswers(trained, options),
        LanguageModelTask => new TextAnswers((SequenceModel)trained.Model),

        // In the units of the model; who asked knows those of the table.
        WindowTask => new ValueAnswers(trained.Model.Outputs, areProbabilities: false),
        _ => throw new NotSupportedException($"no answers of {trained.Job.Task}"),
    };

    /// <summary>Answers inputs.</summary>
    /// <param name="inputs">At least one.</param>
    /// <param name="batch">Lays them side by side.</param>
    /// <param name="run">What runs batches.</param>
    /// <param name="weights">The weights.</param>
    public abstract IReadOnlyList<Prediction> To(IReadOnlyList<Sample> inputs, InputBatch batch, ModelRun run, ModelWeights weights);
}

/// <summary>Answers that are read off the outputs of one pass.</summary>
/// <param name="width">Outputs at a position.</param>
abstract class OutputAnswers(int width) : Answers
{
    public override IReadOnlyList<Prediction> To(IReadOnlyList<Sample> inputs, InputBatch batch, ModelRun run, ModelWeights weights)
    {
        run.Load(batch.Of(inputs));
        run.Forward(weights, training: false);
        var (steps, rows) = (run.LossShape.Steps, inputs.Count);
        var outputs = new float[steps * rows * width];
        run.ReadOutputs(outputs);
        var predictions = new Prediction[rows];
        for (var row = 0; row < rows; row++)
        {
            // A pooled sequence has one answer, any other one for each of its steps.
            var own = new float[Math.Min(steps, inputs[row].Steps)][];
            for (var step = 0; step < own.Length; step++) own[step] = outputs.AsSpan(((step * rows) + row) * width, width).ToArray();
            predictions[row] = Read(inputs[row], own);
        }

        return predictions;
    }

    /// <summary>Reads the outputs of one input.</summary>
    /// <param name="input">The input.</param>
    /// <param name="outputs">[answers][outputs].</param>
    protected abstract Prediction Read(Sample input, float[][] outputs);

    /// <summary>The class with the largest score; of equal ones the first.</summary>
    protected static int IndexOfLargest(float[] scores) => Array.IndexOf(scores, scores.Max());
}

/// <summary>The class of each sequence.</summary>
sealed class ClassAnswers(LabelSet classes) : OutputAnswers(classes.Count)
{
    protected override Prediction Read(Sample input, float[][] outputs)
    {
        var scores = outputs[0];
        var best = IndexOfLargest(scores);
        double[] powers = [.. scores.Select(score => Math.Exp((double)score - scores[best]))];
        var sum = powers.Sum();
        var probabilities = new OrderedDictionary<string, double>();
        for (var id = 0; id < powers.Length; id++) probabilities.Add(classes[id], powers[id] / sum);
        return new ClassPrediction(classes[best], powers[best] / sum, probabilities);
    }
}

/// <summary>The class of each step that was trained to have one.</summary>
sealed class TagAnswers(LabelSet classes) : OutputAnswers(classes.Count)
{
    protected override Prediction Read(Sample input, float[][] outputs) =>
        new TagPrediction([.. (input.AnsweredSteps?.Select(step => outputs[step]) ?? outputs).Select(scores => classes[IndexOfLargest(scores)])]);
}

/// <summary>Numbers.</summary>
/// <param name="width">Outputs.</param>
/// <param name="areProbabilities">True where outputs are logits of probabilities.</param>
sealed class ValueAnswers(int width, bool areProbabilities) : OutputAnswers(width)
{
    protected override Prediction Read(Sample input, float[][] outputs) =>
        new ValuePrediction([.. outputs.Select(numbers => numbers.Select(number => areProbabilities ? 1 / (1 + Math.Exp(-number)) : number).ToArray())]);
}

/// <summary>Sequences that a beam search finds.</summary>
sealed class SequenceAnswers(TrainedModel trained, PredictionOptions options) : Answers, IDisposable
{
    readonly Vocabulary _targets = trained.Encoding.Targets!;
    readonly Translator _translator = trained.CreateTranslator(out _)!;
    readonly BeamSearchOptions _search = new()
    {
        Beams = options.Beams,
        Best = options.Best,
        LengthPenalty = options.LengthPenalty,
        MaxSteps = trained.Job.Training.Length + 1,
    };

    public override IReadOnlyList<Prediction> To(IReadOnlyList<Sample> inputs, InputBatch batch, ModelRun run, ModelWeights weights) =>
    [
        .. _translator.Translate(weights, batch.Of(inputs), _search)
            .Select(found => new SequencePrediction([.. found.Select(one => new FoundSequence(_targets.Decode([.. one.Tokens]), one.LogProbability))])),
    ];

    public void Dispose() => _translator.Dispose();
}
