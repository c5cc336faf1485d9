using System.Globalization;

namespace Cluster.Tests;

/// <summary>What the loss of a coordinator costs that is started again at once.</summary>
/// <remarks>One of the places where times are asserted, against the bound that the project promises. LSTM_CLUSTER_RESTARTS is the number of restarts (3).</remarks>
[Trait("Category", "Slow")]
public sealed class CoordinatorRestartTests(ITestOutputHelper output) : IDisposable
{
    const int Workers = 4;

    static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_coordinator_that_is_killed_and_started_again_costs_at_most_5_s_and_the_steps_since_the_last_checkpoint()
    {
        var random = new Random(Effort.Seed("LSTM_CLUSTER_SEED"));
        var times = new List<TimeSpan>();
        await using var cluster = new TrainingCluster(_workspace, Workers, new OnLoopback());
        await cluster.StartAsync();
        for (var restart = 0; restart < Effort.Of("LSTM_CLUSTER_RESTARTS", 3); restart++)
        {
            var killed = cluster.Coordinator;
            await killed.WaitForStepAsync(killed.LastStep + random.Next(20, 200));
            var at = WatchedProcess.Now;
            killed.Send(Signal.Kill);
            var next = cluster.StartCoordinator();
            await killed.ExitAsync();
            var resumedFrom = (await next.WaitForEventAsync("started")).Json!.Value.Whole("step");
            var first = await next.WaitForEventAsync("step");

            var written = killed.Lines.Where(line => line.Is("checkpoint")).Select(line => line.Json!.Value.Whole("step")).DefaultIfEmpty().Max();
            resumedFrom.ShouldBeGreaterThanOrEqualTo(written, "what was reported is not lost");
            first.Json!.Value.Whole("step").ShouldBe(resumedFrom + 1);
            first.Json!.Value.Whole("workers").ShouldBe(Workers, "all have joined again");
            times.Add(first.At - at);
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{times.Count} restarts, from the kill to the next step: median {times.Order().ElementAt(times.Count / 2).TotalSeconds:F2} s, most {times.Max().TotalSeconds:F2} s"));
        times.Max().ShouldBeLessThan(Bound);
        await cluster.ShouldEndAsIfUndisturbedAsync("what happened is above");
    }
}
