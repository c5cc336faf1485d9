using System.CommandLine;
using System.Text;
using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Cli.Verbs;

/// <summary><c>generate RUN</c>: text from a run's model, as it is drawn.</summary>
static class GenerateVerb
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var run = Arguments.Run();
        var length = Arguments.Number("--length", "Tokens to draw", 1, int.MaxValue, 500);
        var prompt = new Option<string?>("--prompt") { Description = "Text to continue, shown first (default: begins a new line)", HelpName = "TEXT" };
        var temperature = Arguments.Number("--temperature", "Below 1 for likelier text, above for wilder, 0 for the likeliest", 0.0, 100.0, 0.8);
        var topK = Arguments.Number("--top-k", "Draw from this many likeliest tokens only; 0 for all", 0, int.MaxValue, 0);
        var seed = Arguments.Number("--seed", "The same seed draws the same text", ulong.MinValue, ulong.MaxValue, 42UL);
        var weights = Arguments.Weights();
        var device = TrainOptions.OneDevice();
        var verb = new Verb(
            "generate", "Write text with a run's result, or with its newest checkpoint",
            "generate runs/moby-dick", "generate runs/moby-dick --prompt \"Call me \" --length 1000 --temperature 0.7 --seed 7")
        {
            run, length, prompt, temperature, topK, seed, weights, device,
        };
        verb.SetAction(parsed =>
        {
            using var model = SavedModel.Load(parsed.GetRequiredValue(run), DeviceSelection.One(parsed.GetRequiredValue(device)), parsed.GetValue(weights));
            var sampler = new Sampler(parsed.GetValue(temperature), parsed.GetValue(topK), parsed.GetValue(seed));
            Write(new TextGenerator(model), parsed.GetValue(prompt), sampler, parsed.GetValue(length));
            return ExitCode.Done;
        });
        return verb;
    }

    static void Write(TextGenerator model, string? prompt, Sampler sampler, int length)
    {
        if (prompt is "") throw new UserErrorException("--prompt must not be empty; leave it out to begin a new line");
        using var output = StandardOutput.Open();
        var tokens = Begin(model, prompt ?? Beginning(model.Vocabulary), sampler, length);
        if (prompt is not null) output.Write(Encoding.UTF8.GetBytes(prompt));
        var isFirst = true;
        foreach (var token in tokens)
        {
            if (!isFirst || prompt is not null) output.Write(Encoding.UTF8.GetBytes(model.Vocabulary.Separator));
            isFirst = false;
            // Bytes go out as they are: a terminal puts the characters together that they are parts of.
            output.Write(model.Vocabulary.BytesOf(token));
            output.Flush();
        }

        if (!Console.IsOutputRedirected) output.Write("\n"u8);
    }

    static IEnumerable<int> Begin(TextGenerator model, string prompt, Sampler sampler, int length)
    {
        try
        {
            return model.Generate(prompt, sampler, length);
        }
        catch (UserErrorException error)
        {
            throw new UserErrorException($"--prompt: {error.Message}", error);
        }
    }

    static string Beginning(Vocabulary vocabulary)
    {
        if (vocabulary == Vocabulary.Bytes) return "\n";
        var all = vocabulary.Decode([.. Enumerable.Range(0, vocabulary.Size)]);
        return all.Contains('\n', StringComparison.Ordinal) ? "\n" : vocabulary.Decode([0]);
    }
}
