using System.CommandLine;
using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Cli.Verbs;

/// <summary><c>eval RUN</c>: how a run does on a held-out part of its data, by what its task is judged by.</summary>
static class EvalVerb
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var run = Arguments.Run();
        var weights = Arguments.Weights();
        var workers = TrainOptions.Count("--workers", 1, "Threads that compute at once, which shows in no figure (default: one per core; of the processor only)");
        var device = TrainOptions.OneDevice();
        var json = Arguments.Json();
        var part = Arguments.Part();
        var season = Arguments.OptionalNumber("--season", "Rows after which a series repeats itself, such as 7 for days: forecasts are compared with that (default: the job's)", 1, int.MaxValue);
        var verb = new Verb(
            "eval", "Judge a run's result, or its newest checkpoint, on held-out data", "eval runs/moby-dick", "eval runs/us-births --part test",
            "eval runs/moby-dick --device cuda:0")
        {
            run, part, season, weights, workers, device, json,
        };
        verb.SetAction((parsed, cancellation) =>
        {
            var slots = DeviceSelection.OneWith(parsed.GetRequiredValue(device), parsed.GetValue(workers), out var open);
            return RunAsync(
                parsed.GetRequiredValue(run), open, slots, parsed.GetValue(weights), parsed.GetValue(part), parsed.GetValue(season), parsed.GetValue(json), cancellation);
        });
        return verb;
    }

    static async Task<int> RunAsync(
        string run, Func<IDevice> device, int workers, WeightsChoice? weights, DataPart part, int? season, bool json, CancellationToken cancellation)
    {
        using var model = SavedModel.Load(run, device, weights);
        var data = await JobData.LoadAsync(model.Job, new FetchOptions(), cancellation: cancellation).ConfigureAwait(false);
        if (!data.Encoding.IsSameAs(model.Encoding))
            throw UserErrorException.At(run, $"the data ({model.Job.Data.Source}) have other {(model.Job.Task.HasWindows ? "columns, or means and words of them," : model.Job.Task.HasRows ? "tokens or classes" : model.Job.Data.Tokens switch { TokenKind.Word => "words", TokenKind.Subword => "tokens", _ => "characters" })} than when the run was trained");
        foreach (var notice in data.Notices) Console.Error.WriteLine($"{CommandLine.Name}: {notice}");

        // Other data may be meant, but nobody should take their figures for those of what was held out in training.
        var difference = data.DifferenceFrom(model.Metadata);
        if (difference is not null)
            Console.Error.WriteLine($"{CommandLine.Name}: {run}: the data ({model.Job.Data.Source}) are others than when the run was trained (their {difference} differ{(difference == "text" ? "s" : "")}): what is held out now may have been trained on");
        data = data.Evaluating(part);
        if (data.ValidationExtent is not { } heldOut)
            throw UserErrorException.At(run, $"data.{part.ToString().ToLowerInvariant()} is 0 in its job, so nothing is held out to evaluate on");

        var report = new EvaluationReport(model, Evaluation.Of(model, data, season, workers), run, part, heldOut.Rows, areOtherData: difference is not null);
        if (json) report.WriteJson();
        else report.Write(Console.Out);
        return ExitCode.Done;
    }
}
