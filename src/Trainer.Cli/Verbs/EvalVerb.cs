using System.CommandLine;
using LstmCluster.Cli.Display;
using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Cli.Verbs;

/// <summary><c>eval RUN</c>: the loss on a held-out part of the run's data.</summary>
static class EvalVerb
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var run = Arguments.Run();
        var device = TrainOptions.OneDevice();
        var json = Arguments.Json();
        var part = Arguments.Part();
        var verb = new Verb(
            "eval", "Show the validation loss of a run's result, or of its newest checkpoint", "eval runs/moby-dick", "eval runs/us-births --part test",
            "eval runs/moby-dick --device cuda:0")
        {
            run, part, device, json,
        };
        verb.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetRequiredValue(run), DeviceSelection.One(parsed.GetRequiredValue(device)), parsed.GetValue(part), parsed.GetValue(json), cancellation));
        return verb;
    }

    static async Task<int> RunAsync(string run, Func<IDevice> device, DataPart part, bool json, CancellationToken cancellation)
    {
        using var model = SavedModel.Load(run, device);
        var data = await JobData.LoadAsync(model.Job, new FetchOptions(), cancellation: cancellation).ConfigureAwait(false);
        if (!data.Encoding.IsSameAs(model.Encoding))
            throw UserErrorException.At(run, $"the data ({model.Job.Data.Source}) have other {(model.Job.Task.HasRows ? "tokens or classes" : model.Job.Data.Tokens switch { TokenKind.Word => "words", TokenKind.Subword => "tokens", _ => "characters" })} than when the run was trained");
        data = data.Evaluating(part);
        if (data.ValidationExtent is not { } heldOut)
            throw UserErrorException.At(run, $"data.{part.ToString().ToLowerInvariant()} is 0 in its job, so nothing is held out to evaluate on");

        var result = Evaluation.Of(model, data);
        var wording = new Wording(model.Job);
        double? bits = wording.LossIsInNats ? result.Loss / Math.Log(2) : null, perplexity = wording.LossIsInNats ? Math.Exp(result.Loss) : null;
        if (json)
        {
            var figures = new
            {
                Run = run,
                Weights = model.From,
                ValidationLoss = result.Loss,
                BitsPerToken = bits,
                Perplexity = perplexity,
                Tokens = result.Targets,
                heldOut.Rows,
                result.Accuracy,
                result.ExactMatches,
            };
            Json.Write(figures, leaveOutNulls: true);
            return ExitCode.Done;
        }

        var target = wording.TargetName;
        Console.Out.WriteLine($"{model.From} on {(heldOut.Rows is { } rows ? $"{Numbers.Count(rows)} rows with {Numbers.Count(result.Targets)}" : Numbers.Count(result.Targets))} {target}s {(part == DataPart.Training ? "trained on" : "held out")}:");
        Console.Out.WriteLine($"  validation loss     {Numbers.Loss(result.Loss),8} {(wording.LossIsInNats ? "nats " : "")}per {target}");
        if (model.Job.Task is LanguageModelTask) Console.Out.WriteLine($"                      {Numbers.Loss(bits!.Value),8} bits per {target}");
        if (wording.HasPerplexity) Console.Out.WriteLine($"  perplexity          {Numbers.Loss(perplexity!.Value),8}");
        if (result.Accuracy is { } accuracy && model.Job.Task.HasRows) Console.Out.WriteLine($"  accuracy            {Numbers.Percent(accuracy),8}");
        if (result.ExactMatches is { } matches) Console.Out.WriteLine($"  exact matches       {Numbers.Percent(matches),8} of the targets, found by a beam of 5");
        return ExitCode.Done;
    }
}
