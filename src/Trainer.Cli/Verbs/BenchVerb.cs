using System.CommandLine;

namespace LstmCluster.Cli.Verbs;

/// <summary><c>bench</c>: measures.</summary>
static class BenchVerb
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var job = Arguments.Job();
        var workers = TrainVerb.Workers();
        var device = TrainVerb.Device();
        var steps = Arguments.Number("--steps", "Steps to measure, after a warm-up", 1, 1_000_000, 40);
        var set = Arguments.Set();
        var json = Arguments.Json();
        var step = new Verb(
            "step", "Measure training steps of a job: tokens per second, allocation, memory", "bench step examples/moby-dick.yaml --workers 2")
        {
            job, workers, device, steps, set, json,
        };
        step.SetAction(parsed => StepBenchmark.RunAsync(
            Arguments.ReadJob(parsed, job, set), DeviceSelection.Choose(parsed.GetRequiredValue(device), parsed.GetValue(workers)),
            parsed.GetValue(steps), parsed.GetValue(json)));
        return new Verb("bench", "Measure") { step };
    }
}
