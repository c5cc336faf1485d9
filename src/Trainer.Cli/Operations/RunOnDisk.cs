using System.Text.Json;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Cli.Operations;

/// <summary>How a run stands by what is in its directory, where no process tells.</summary>
static class RunOnDisk
{
    const string LockFile = ".lock";

    /// <summary>Reads metrics.jsonl and looks for the newest checkpoint.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="time">Tells the checkpoint's age.</param>
    /// <exception cref="UserErrorException">It is no run, or cannot be read.</exception>
    public static RunStatus Read(string run, TimeProvider time)
    {
        if (!File.Exists(Path.Combine(run, RunDirectory.JobFile))) throw UserErrorException.At(run, $"this directory holds no run (it has no {RunDirectory.JobFile})");

        // Before the events: a process that ends in between has told how.
        var isHeld = IsHeld(run);
        var status = new RunStatus { State = isHeld ? RunState.Running : RunState.Killed, Run = Path.GetFullPath(run) };
        try
        {
            var metrics = Path.Combine(run, RunDirectory.MetricsFile);
            if (File.Exists(metrics)) status = File.ReadLines(metrics).Aggregate(status, (before, line) => After(before, line, status.State));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw UserErrorException.At(run, $"{RunDirectory.MetricsFile} cannot be read: {error.Message}");
        }

        return status with
        {
            State = isHeld ? RunState.Running : status.State,
            Reason = isHeld ? "a process trains here and has no pages to tell more: it was started without --http" : status.Reason,
            Checkpoint = CheckpointOnDisk.Newest(run, time),
        };
    }

    static RunStatus After(RunStatus before, string line, string open)
    {
        if (Parse(line) is not { } e || !e.TryGetProperty("event", out var kind)) return before;
        return kind.GetString() switch
        {
            "started" => before with { State = open, Reason = null, Job = Text(e, "name"), Term = Whole(e, "term"), Step = Whole(e, "step") ?? 0, Steps = Whole(e, "steps"), WeightsSha256 = null },
            "step" => before with { Step = Whole(e, "step") ?? 0, TrainLoss = Number(e, "train_loss"), TokensPerSecond = Number(e, "tokens_per_second"), Seconds = Number(e, "seconds") },
            "restarted" => before with { Term = Whole(e, "term"), Step = Whole(e, "step") ?? before.Step },
            "validation" => before with
            {
                ValidationLoss = Number(e, "validation_loss"),
                Accuracy = Number(e, "accuracy"),
                MacroF1 = Number(e, "macro_f1"),
                Mae = Number(e, "mae"),
                Rmse = Number(e, "rmse"),
            },
            "interrupted" => before with { State = RunState.Interrupted, Step = Whole(e, "step") ?? 0 },
            "deposed" => before with { State = RunState.Deposed, Reason = Text(e, "reason") },
            "failed" => before with { State = RunState.Failed, Reason = Text(e, "reason") },
            "finished" => before with
            {
                State = RunState.Finished,
                Step = Whole(e, "step") ?? 0,
                ValidationLoss = Number(e, "validation_loss"),
                TokensPerSecond = Number(e, "tokens_per_second"),
                Seconds = Number(e, "seconds"),
                WeightsSha256 = Text(e, "weights_sha256"),
            },
            _ => before,
        };
    }

    /// <summary>A line; null when a crash has cut it off.</summary>
    static JsonElement? Parse(string line)
    {
        try
        {
            using var parsed = JsonDocument.Parse(line);
            return parsed.RootElement.ValueKind == JsonValueKind.Object ? parsed.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static string? Text(JsonElement e, string name) => e.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    static long? Whole(JsonElement e, string name) => e.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    static double? Number(JsonElement e, string name) => e.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    /// <summary>True while a process trains in the directory.</summary>
    static bool IsHeld(string run)
    {
        try
        {
            new FileStream(Path.Combine(run, LockFile), FileMode.Open, FileAccess.Read, FileShare.ReadWrite).Dispose();
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
