namespace Cluster.Tests;

/// <summary>A coordinator and four workers that are killed, stopped and started again at drawn moments, and end with the weights of one worker that nothing happened to.</summary>
/// <remarks>
/// LSTM_CLUSTER_ROUNDS is the number of rounds (2), LSTM_CLUSTER_CHAOS_SECONDS the length of each (20), LSTM_CLUSTER_SEED repeats what was drawn.
/// </remarks>
[Trait("Category", "Slow")]
public sealed class ChaosTests(ITestOutputHelper output)
{
    const int Workers = 4;

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
        await using var cluster = new TrainingCluster(workspace, Workers, new OnLoopback());
        await cluster.StartAsync();
        var chaos = new Chaos(cluster, Workers, new Random(seed));
        await chaos.RunAsync(TimeSpan.FromSeconds(Effort.Of("LSTM_CLUSTER_CHAOS_SECONDS", 20)));
        var steps = await cluster.ShouldEndAsIfUndisturbedAsync($"LSTM_CLUSTER_SEED={seed}");
        output.WriteLine($"{chaos}; {steps} steps");
    }
}
