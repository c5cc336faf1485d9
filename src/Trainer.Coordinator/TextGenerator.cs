using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Writes texts with a trained language model.</summary>
public sealed class TextGenerator
{
    readonly TrainedModel _trained;
    readonly SequenceModel _model;

    /// <summary>Prepares to write.</summary>
    /// <param name="trained">A language model.</param>
    /// <exception cref="UserErrorException">It is a model of another task.</exception>
    public TextGenerator(TrainedModel trained)
    {
        ArgumentNullException.ThrowIfNull(trained);
        if (trained is not { Job.Task: LanguageModelTask, Model: SequenceModel model, Encoding.Inputs: { } vocabulary })
            throw UserErrorException.At(trained.From, "is of no language model, so there is no text to continue");
        (_trained, _model, Vocabulary) = (trained, model, vocabulary);
    }

    /// <summary>The model's tokens.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>Continues a text.</summary>
    /// <param name="prompt">What comes before; the model reads it first. Must not be empty.</param>
    /// <param name="sampler">Draws the tokens.</param>
    /// <param name="count">Number of tokens to draw.</param>
    /// <returns>The drawn tokens, one by one as they are drawn.</returns>
    /// <exception cref="UserErrorException">The prompt holds a character that the model does not know, or no token.</exception>
    public IEnumerable<int> Generate(string prompt, Sampler sampler, int count)
    {
        ArgumentException.ThrowIfNullOrEmpty(prompt);
        ArgumentNullException.ThrowIfNull(sampler);
        var tokens = Vocabulary.Encode(prompt);
        return tokens.Length > 0 ? Draw(tokens, sampler, count) : throw new UserErrorException("there is no word in it, expected at least one for the model to read first");
    }

    IEnumerable<int> Draw(int[] tokens, Sampler sampler, int count)
    {
        using var run = _trained.CreateRun(out var weights);
        float[]? state = null;
        var scores = new float[_model.Outputs];
        foreach (var token in tokens) Feed(run, weights, token, ref state);
        for (var drawn = 0; drawn < count; drawn++)
        {
            run.ReadOutputs(scores);
            var token = sampler.Next(scores);
            yield return token;
            Feed(run, weights, token, ref state);
        }
    }

    /// <summary>Reads one token. The first one starts from the model's own state.</summary>
    void Feed(ModelRun run, ModelWeights weights, int token, ref float[]? state)
    {
        run.Load(new Batch { Shape = new BatchShape(1, 1), Tokens = [token], Shards = [new ShardRows(0, new RowRange(0, 1))] });
        if (state is not null) run.WriteState(0, state);
        run.Forward(weights, training: false);
        run.ReadState(0, state ??= new float[_model.StateSize]);
    }
}
