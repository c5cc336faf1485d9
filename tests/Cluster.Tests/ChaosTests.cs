namespace Cluster.Tests;

/// <summary>A coordinator, four workers and perhaps a parameter server that are killed, stopped and started again at drawn moments, and end with the weights of one worker that nothing happened to.</summary>
/// <remarks>
/// LSTM_CLUSTER_ROUNDS is the number of rounds (2, and half as many with a standby), LSTM_CLUSTER_CHAOS_SECONDS the length of each (20), LSTM_CLUSTER_SEED repeats what was drawn.
/// </remarks>
[Trait("Category", "Slow")]
public sealed class ChaosTests(ITestOutputHelper output)
{
    const int Workers = 4;

    /// <summary>What rounds take turns among. Of two that follow each other one at least has a parameter server or TLS.</summary>
    static readonly (int Servers, bool IsSecure)[] Kinds = [(0, false), (1, true), (1, false), (0, true)];

    [Fact]
    public async Task A_cluster_in_which_anybody_may_die_or_fall_silent_ends_with_the_weights_of_one_worker()
    {
        var seed = Effort.Seed("LSTM_CLUSTER_SEED");
        for (var round = 0; round < Rounds; round++)
        {
            // By the seed, so that it alone repeats a round.
            var (servers, isSecure) = Kinds[(uint)(seed + round) % Kinds.Length];
            using var workspace = new Workspace();
            output.WriteLine($"{(servers > 0 ? "a parameter server" : "no parameter server")}, {(isSecure ? "TLS" : "plain connections")}");
            await RoundAsync(seed + round, coordinators: 1, workspace, new OnLoopback(isSecure ? await NodeFolders.InitAsync(workspace) : null), servers);
        }
    }

    [Fact]
    public async Task A_cluster_with_two_coordinators_of_which_either_may_die_or_fall_silent_ends_with_the_weights_of_one_worker()
    {
        EtcdCluster.SkipUnlessInstalled();
        var seed = Effort.Seed("LSTM_CLUSTER_SEED");
        for (var round = 0; round < (Rounds + 1) / 2; round++)
        {
            await using var etcd = await EtcdCluster.StartAsync(3);
            using var workspace = new Workspace();
            await RoundAsync(seed + round, coordinators: 2, workspace, new OnRegistry(etcd.Address("run")), servers: 0);
        }
    }

    static int Rounds => Effort.Of("LSTM_CLUSTER_ROUNDS", 2);

    async Task RoundAsync(int seed, int coordinators, Workspace workspace, Placement placement, int servers)
    {
        output.WriteLine($"LSTM_CLUSTER_SEED={seed}");
        await using var cluster = new TrainingCluster(workspace, Workers, placement) { MinWorkers = 1, ServerCount = servers };
        await cluster.StartAsync();
        for (var more = 1; more < coordinators; more++) cluster.StartCoordinator();
        var chaos = new Chaos(cluster, Workers, new Random(seed));
        await chaos.RunAsync(TimeSpan.FromSeconds(Effort.Of("LSTM_CLUSTER_CHAOS_SECONDS", 20)));
        var steps = await cluster.ShouldEndAsIfUndisturbedAsync($"LSTM_CLUSTER_SEED={seed}");
        output.WriteLine($"{chaos}; {steps} steps");
    }
}
