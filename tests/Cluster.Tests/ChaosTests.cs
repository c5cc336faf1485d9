using System.Globalization;

namespace Cluster.Tests;

/// <summary>A coordinator and four workers that are killed, stopped and started again at drawn moments, and end with the weights of one worker that nothing happened to.</summary>
/// <remarks>
/// LSTM_CLUSTER_ROUNDS is the number of rounds (2), LSTM_CLUSTER_CHAOS_SECONDS the length of each (20), LSTM_CLUSTER_SEED repeats what was drawn.
/// </remarks>
[Trait("Category", "Slow")]
public sealed class ChaosTests(ITestOutputHelper output)
{
    const int Workers = 4;

    // After the last fault every worker has to be back, and some steps to be done by all.
    const long StepsAfterwards = 50;

    static readonly TimeSpan Healing = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_cluster_in_which_anybody_may_die_or_fall_silent_ends_with_the_weights_of_one_worker()
    {
        var seed = Effort.Seed("LSTM_CLUSTER_SEED");
        for (var round = 0; round < Effort.Of("LSTM_CLUSTER_ROUNDS", 2); round++) await RoundAsync(seed + round);
    }

    async Task RoundAsync(int seed)
    {
        output.WriteLine($"LSTM_CLUSTER_SEED={seed}");
        using var workspace = new Workspace();
        await using var cluster = new TrainingCluster(workspace, Workers, "training.steps=1000000");
        await cluster.StartAsync();
        var chaos = new Chaos(cluster, Workers, new Random(seed));
        await chaos.RunAsync(TimeSpan.FromSeconds(Effort.Of("LSTM_CLUSTER_CHAOS_SECONDS", 20)));

        var (hash, last) = await FinishAsync(cluster);
        hash.ShouldBe(await Undisturbed.HashAsync(workspace, $"training.steps={last}"), $"LSTM_CLUSTER_SEED={seed}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{chaos}; {last} steps"));
    }

    /// <summary>Everybody is back: the run is given an end that it can reach, and reaches it.</summary>
    static async Task<(string Hash, long Last)> FinishAsync(TrainingCluster cluster)
    {
        await cluster.Coordinator.WaitForAsync(line => line.Is("step") && line.Json!.Value.Whole("workers") == Workers, "a step with all workers", cluster.Coordinator.Count);
        cluster.Coordinator.Send(Signal.Interrupt);
        (await cluster.Coordinator.ExitAsync()).ShouldBe(130, cluster.Story);
        var last = cluster.Coordinator.LastStep + StepsAfterwards;
        cluster.StartCoordinator($"training.steps={last}");
        (await cluster.Coordinator.ExitAsync(Healing)).ShouldBe(0, cluster.Story);
        foreach (var worker in cluster.Workers) (await worker.ExitAsync(Healing)).ShouldBe(0, worker.Story);
        foreach (var process in cluster.Everybody) process.Errors.ShouldBeEmpty(process.Story);
        return ((await cluster.Coordinator.WaitForEventAsync("finished")).Json!.Value.Text("weights_sha256"), last);
    }
}
