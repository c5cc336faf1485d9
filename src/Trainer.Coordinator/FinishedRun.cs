using System.Text.Json;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>How a run ended last, by its log.</summary>
static class FinishedRun
{
    static readonly string[] s_measuring = ["""{"event":"step",""", """{"event":"validation","""];

    /// <summary>Reads the last end of a run.</summary>
    /// <param name="run">The run directory.</param>
    /// <returns>Null when the run has not ended yet, or the log does not say.</returns>
    /// <exception cref="IOException">The log cannot be read.</exception>
    public static RunFinished? Read(string run)
    {
        var metrics = Path.Combine(run, RunDirectory.MetricsFile);
        if (!File.Exists(metrics)) return null;
        var last = File.ReadLines(metrics).LastOrDefault(line => line.StartsWith("""{"event":"finished",""", StringComparison.Ordinal));
        try
        {
            return last is null ? null : TrainingEvent.Parse(last) as RunFinished;
        }
        catch (JsonException)
        {
            // Cut off by a crash, or changed by somebody: it says nothing.
            return null;
        }
    }

    /// <summary>Adds the losses that the log has of the last step, where they are not known yet.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="end">The end, without them.</param>
    /// <exception cref="IOException">The log cannot be read.</exception>
    public static RunFinished Measured(string run, RunFinished end)
    {
        var metrics = Path.Combine(run, RunDirectory.MetricsFile);
        if (!File.Exists(metrics)) return end;
        foreach (var line in File.ReadLines(metrics))
        {
            if (!s_measuring.Any(begin => line.StartsWith(begin, StringComparison.Ordinal))) continue;
            try
            {
                switch (TrainingEvent.Parse(line))
                {
                    case StepCompleted step when step.Step == end.Step: end = end with { TrainLoss = step.TrainLoss }; break;
                    case ValidationCompleted validation when validation.Step == end.Step && end.Best is null: end = end with { ValidationLoss = validation.ValidationLoss }; break;
                }
            }
            catch (JsonException)
            {
                // Cut off by a crash.
            }
        }

        return end;
    }

    /// <summary>The end of a run that has done all its steps, and whose result is still what it was.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="steps">Steps of the job.</param>
    /// <returns>Null when there is something left to do.</returns>
    /// <exception cref="IOException">The log or the result cannot be read.</exception>
    public static RunFinished? ReadWhole(string run, long steps)
    {
        var result = Path.Combine(run, RunDirectory.WeightsFile);
        if (Read(run) is not { } finished || finished.Step != steps || !File.Exists(result)) return null;
        try
        {
            using var stream = File.OpenRead(result);
            return Safetensors.Read(stream).DataSha256 == finished.WeightsSha256 ? finished : null;
        }
        catch (CorruptFileException)
        {
            return null;
        }
    }
}
