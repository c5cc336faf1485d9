using System.CommandLine;
using System.CommandLine.Parsing;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Cli.Verbs;

/// <summary><c>predict RUN</c>: for each input a line with what the run's model says of it.</summary>
static class PredictVerb
{
    // As many rows of a file are run at once; from standard input each line is answered as it comes.
    const int BatchRows = 64;

    const string StandardInput = "-";

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var run = Arguments.Run();
        var input = new Option<string>("--input") { Description = "File with the inputs, or - for standard input", HelpName = "FILE|-", Required = true };
        var lines = new Option<bool>("--lines") { Description = "Each line is an input, without a header (default: a header names the columns, as in training)" };
        var format = new Option<PredictionFormat>("--format") { Description = "What is written: json or csv", HelpName = "json|csv", CustomParser = ParseFormat };
        var beams = Arguments.Number("--beams", "Beginnings that the search for a sequence keeps", 1, 1000, new PredictionOptions().Beams);
        var weights = Arguments.Weights();
        var device = TrainOptions.OneDevice();
        var best = Arguments.Number("--best", "Sequences to tell of each input, with --format json", 1, 1000, new PredictionOptions().Best);
        var verb = new Verb(
            "predict", "Say of each input what a run's model makes of it, one line each", "predict runs/reviews --input new.tsv", "predict runs/us-births --input history.csv --format csv",
            "predict runs/reviews --input - --lines --format csv")
        {
            run, input, lines, format, beams, best, weights, device,
        };
        verb.SetAction(parsed =>
        {
            var options = new PredictionOptions { Beams = parsed.GetValue(beams), Best = parsed.GetValue(best) };
            if (options.Best > options.Beams) throw new UserErrorException($"--best {options.Best} must not be more than --beams {options.Beams}");
            using var model = SavedModel.LoadPredictor(parsed.GetRequiredValue(run), options, DeviceSelection.One(parsed.GetRequiredValue(device)), parsed.GetValue(weights));
            using var output = new PredictionWriter(StandardOutput.Open(), parsed.GetValue(format), model.Job);
            Predict(model, parsed.GetRequiredValue(input), parsed.GetValue(lines), output, parsed.GetRequiredValue(run));
            return ExitCode.Done;
        });
        return verb;
    }

    static void Predict(Predictor model, string path, bool plain, PredictionWriter output, string run)
    {
        var isStream = path == StandardInput;
        var fileName = isStream ? "standard input" : path;
        using var stream = isStream ? Console.OpenStandardInput() : null;
        if (model.Job.Task.HasWindows)
        {
            if (plain) throw new UserErrorException("--lines: the model reads the columns of a table, which a header names");
            using var table = stream is null ? InputRows.OpenFile(path, model.Job.Data) : InputRows.OpenStream(stream, model.Job.Data);
            PredictTable(model, table, fileName, isStream ? 1 : BatchRows, output, run);
            return;
        }

        var rows = stream is null ? InputRows.ReadFile(path, model.Job.Data, plain) : InputRows.Read(stream, fileName, model.Job.Data, plain);
        var batch = new List<Sample>();
        try
        {
            foreach (var row in rows)
            {
                batch.Add(model.Inputs.Encode(row.Text, fileName, row.Line));
                if (batch.Count >= (isStream ? 1 : BatchRows)) Flush();
            }
        }
        finally
        {
            // What stands before a malformed row is answered.
            Flush();
        }

        void Flush()
        {
            Sample[] inputs = [.. batch];
            batch.Clear();
            foreach (var prediction in model.Predict(inputs))
            {
                output.Write(prediction);
                if (prediction is TextPrediction { Flaw: { } flaw }) Console.Error.WriteLine($"{CommandLine.Name}: {flaw}");
            }

            output.Flush();
        }
    }

    static void PredictTable(Predictor model, TextReader table, string fileName, int batch, PredictionWriter output, string run)
    {
        if (model.Job.Task is ForecasterTask)
        {
            foreach (var row in model.Forecast(table, fileName).Rows) output.Write(row);
            output.Flush();
            return;
        }

        if (model.Thresholds is null) Console.Error.WriteLine($"{CommandLine.Name}: {run} has no thresholds for these weights, so only scores are told: they are fitted when train has ended");
        foreach (var reading in model.Watch(table, fileName, batch, left => Console.Error.WriteLine($"{CommandLine.Name}: {left}; left out (data.onBadRow: skip)")))
        {
            output.Write(reading);
            if (batch == 1) output.Flush();
        }
    }

    static PredictionFormat ParseFormat(ArgumentResult result)
    {
        var text = result.Tokens[^1].Value;
        switch (text)
        {
            case "json": return PredictionFormat.Json;
            case "csv": return PredictionFormat.Csv;
            default:
                result.AddError($"--format must be json or csv, got \"{text}\"");
                return default;
        }
    }
}
