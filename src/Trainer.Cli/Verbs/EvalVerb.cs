using System.CommandLine;
using LstmCluster.Cli.Display;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Cli.Verbs;

/// <summary><c>eval RUN</c>: the loss on the held-out part of the run's data.</summary>
static class EvalVerb
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var run = Arguments.Run();
        var json = Arguments.Json();
        var verb = new Verb("eval", "Show the validation loss of a run's result, or of its newest checkpoint", "eval runs/moby-dick") { run, json };
        verb.SetAction((parsed, cancellation) => RunAsync(parsed.GetRequiredValue(run), parsed.GetValue(json), cancellation));
        return verb;
    }

    static async Task<int> RunAsync(string run, bool json, CancellationToken cancellation)
    {
        using var model = SavedModel.Load(run);
        var data = await TextData.LoadAsync(model.Job, new FetchOptions(), cancellation: cancellation).ConfigureAwait(false);
        if (data.Vocabulary.Serialize() != model.Vocabulary.Serialize())
            throw UserErrorException.At(run, $"the data ({model.Job.Data.Source}) have other characters than when the run was trained");
        if (data.Validation is null)
            throw UserErrorException.At(run, "data.validation is 0 in its job, so nothing is held out to evaluate on");

        var (sum, tokens) = model.Evaluate(data.Validation);
        var loss = sum / tokens;
        var (bits, perplexity) = (loss / Math.Log(2), Math.Exp(loss));
        if (json)
            Json.Write(new { Run = run, Weights = model.From, ValidationLoss = loss, BitsPerToken = bits, Perplexity = perplexity, Tokens = tokens });
        else
        {
            var token = Wording.NameOf(model.Job.Data.Tokens);
            Console.Out.WriteLine($"{model.From} on {Numbers.Count(tokens)} {token}s held out:");
            Console.Out.WriteLine($"  validation loss     {Numbers.Loss(loss),8} nats per {token}");
            Console.Out.WriteLine($"                      {Numbers.Loss(bits),8} bits per {token}");
            Console.Out.WriteLine($"  perplexity          {Numbers.Loss(perplexity),8}");
        }

        return ExitCode.Done;
    }
}
