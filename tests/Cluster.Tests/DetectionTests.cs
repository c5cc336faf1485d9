using System.Globalization;

namespace Cluster.Tests;

/// <summary>How soon the loss of a worker is noticed, and what it costs.</summary>
/// <remarks>
/// The one place where times are asserted, against the bounds that the project promises. LSTM_CLUSTER_LOSSES is the number of workers that are lost in
/// each way (5).
/// </remarks>
[Trait("Category", "Slow")]
public sealed class DetectionTests(ITestOutputHelper output) : IDisposable
{
    const int Workers = 4;

    static readonly TimeSpan NoticedWithin = TimeSpan.FromSeconds(2);
    static readonly TimeSpan StepDoneWithin = TimeSpan.FromSeconds(3);

    readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public Task A_worker_that_is_killed_is_noticed_within_2_s_and_its_step_is_done_within_3_s() =>
        LoseWorkersAsync(Signal.Kill);

    [Fact]
    public Task A_worker_that_is_stopped_is_noticed_within_2_s_and_its_step_is_done_within_3_s() =>
        LoseWorkersAsync(Signal.Stop);

    async Task LoseWorkersAsync(Signal signal)
    {
        var losses = Effort.Of("LSTM_CLUSTER_LOSSES", 5);
        var seed = Effort.Seed("LSTM_CLUSTER_SEED");
        output.WriteLine($"LSTM_CLUSTER_SEED={seed}");
        var random = new Random(seed);
        List<TimeSpan> noticed = [], done = [];
        await using var cluster = new TrainingCluster(_workspace, Workers, new OnLoopback(), "training.checkpoint.every=1000 steps");
        await cluster.StartAsync();
        for (var loss = 0; loss < losses; loss++)
        {
            var index = random.Next(Workers);
            var worker = cluster.Workers[index];
            var coordinator = cluster.Coordinator;
            await coordinator.WaitForStepAsync(coordinator.LastStep + random.Next(1, 50));

            var from = coordinator.Count;
            var at = WatchedProcess.Now;
            worker.Send(signal);
            var lost = await coordinator.WaitForEventAsync("worker_lost", from);
            var step = lost.Json!.Value.Whole("step");
            var completed = await coordinator.WaitForStepAsync(step, from);
            noticed.Add(lost.At - at);
            done.Add(completed.At - at);

            // Nobody else was lost, and only what the lost worker had not finished was computed again.
            var lines = coordinator.Lines.Skip(from).TakeWhile(line => line.Number <= completed.Number).ToList();
            lines.Count(line => line.Is("worker_lost")).ShouldBe(1, cluster.Story);
            lines.ShouldNotContain(line => line.Is("worker_joined"));
            // Fewer where somebody had been asked to help out before the silence was noticed.
            completed.Json!.Value.Whole("shards_reissued").ShouldBeLessThanOrEqualTo(lost.Json!.Value.GetProperty("shards").GetArrayLength());

            if (signal == Signal.Stop) worker.Send(Signal.Kill);
            await worker.ExitAsync();
            cluster.StartWorker(index);
            await cluster.WaitForStepByAsync(Workers, completed.Number);
        }

        output.WriteLine($"{losses} workers lost by SIG{signal.ToString().ToUpperInvariant()}");
        output.WriteLine($"noticed after:  {Shown(noticed)}");
        output.WriteLine($"step done after: {Shown(done)}");
        Percentile99(noticed).ShouldBeLessThan(NoticedWithin);
        Percentile99(done).ShouldBeLessThan(StepDoneWithin);
    }

    static TimeSpan Percentile99(List<TimeSpan> times) => times.Order().ElementAt((int)Math.Ceiling(0.99 * times.Count) - 1);

    static string Shown(List<TimeSpan> times) => string.Create(
        CultureInfo.InvariantCulture, $"median {times.Order().ElementAt(times.Count / 2).TotalSeconds:F3} s, p99 {Percentile99(times).TotalSeconds:F3} s, most {times.Max().TotalSeconds:F3} s");
}
