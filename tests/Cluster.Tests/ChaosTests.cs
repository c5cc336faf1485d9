namespace Cluster.Tests;

/// <summary>A coordinator and four workers that are killed, stopped and started again at drawn moments, and end with the weights of one worker that nothing happened to.</summary>
/// <remarks>
/// LSTM_CLUSTER_ROUNDS is the number of rounds (2, and half as many with a standby), LSTM_CLUSTER_CHAOS_SECONDS the length of each (20), LSTM_CLUSTER_SEED repeats what was drawn.
/// </remarks>
[Trait("Category", "Slow")]
public sealed class ChaosTests(ITestOutputHelper output)
{
    const int Workers = 4;

    [Fact]
    public async Task A_cluster_in_which_anybody_may_die_or_fall_silent_ends_with_the_weights_of_one_worker()
    {
        var seed = Effort.Seed("LSTM_CLUSTER_SEED");
        for (var round = 0; round < Rounds; round++) await RoundAsync(seed + round, coordinators: 1, new OnLoopback());
    }

    [Fact]
    public async Task A_cluster_with_two_coordinators_of_which_either_may_die_or_fall_silent_ends_with_the_weights_of_one_worker()
    {
        EtcdCluster.SkipUnlessInstalled();
        var seed = Effort.Seed("LSTM_CLUSTER_SEED");
        for (var round = 0; round < (Rounds + 1) / 2; round++)
        {
            await using var etcd = await EtcdCluster.StartAsync(3);
            await RoundAsync(seed + round, coordinators: 2, new OnRegistry(etcd.Address("run")));
        }
    }

    static int Rounds => Effort.Of("LSTM_CLUSTER_ROUNDS", 2);

    async Task RoundAsync(int seed, int coordinators, Placement placement)
    {
        output.WriteLine($"LSTM_CLUSTER_SEED={seed}");
        using var workspace = new Workspace();
        await using var cluster = new TrainingCluster(workspace, Workers, placement) { MinWorkers = 1 };
        await cluster.StartAsync();
        for (var more = 1; more < coordinators; more++) cluster.StartCoordinator();
        var chaos = new Chaos(cluster, Workers, new Random(seed));
        await chaos.RunAsync(TimeSpan.FromSeconds(Effort.Of("LSTM_CLUSTER_CHAOS_SECONDS", 20)));
        var steps = await cluster.ShouldEndAsIfUndisturbedAsync($"LSTM_CLUSTER_SEED={seed}");
        output.WriteLine($"{chaos}; {steps} steps");
    }
}
