using System.Diagnostics;
using System.Globalization;
using Cluster.Support;
using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

/// <summary>The registry in a real etcd of three nodes, some of which die or hang.</summary>
public sealed class EtcdClusterTests(ITestOutputHelper output) : IAsyncLifetime
{
    static readonly Candidate s_alice = new("alice", "10.0.0.1:4242"), s_bob = new("bob", "10.0.0.2:4242");

    /// <summary>Long enough for an election within etcd and a busy machine.</summary>
    static readonly RegistryOptions s_patient = new() { LeaseTime = TimeSpan.FromSeconds(20) };

    EtcdCluster? _cluster;

    public async ValueTask InitializeAsync()
    {
        EtcdCluster.SkipUnlessInstalled();
        _cluster = await EtcdCluster.StartAsync(3);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
    }

    IRegistry Open(RegistryOptions? options = null, int first = 0) => RegistryAddress.Parse("--registry", _cluster!.Address("run", first)).Open(options ?? new RegistryOptions());

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_leader_leads_on_whichever_node_is_killed(int victim)
    {
        await using var registry = Open(s_patient);
        await using var other = Open(first: 1);
        var leadership = await registry.CampaignAsync(s_alice).Soon();

        await _cluster!.Nodes[victim].KillAsync();

        (await leadership.NextTermAsync().Soon()).ShouldBe(new Term(2));
        (await other.WaitForCoordinatorAsync(new Term(2)).Soon()).Name.ShouldBe("alice");
        leadership.IsValid.ShouldBeTrue();
    }

    [Fact]
    public async Task A_node_that_hangs_is_passed_over()
    {
        await using var registry = Open(s_patient);
        await using var other = Open(s_patient);
        var leadership = await registry.CampaignAsync(s_alice).Soon();

        _cluster!.Nodes[0].Signal("STOP");

        (await leadership.NextTermAsync().Soon()).ShouldBe(new Term(2));
        (await other.WaitForCoordinatorAsync(new Term(2)).Soon()).Name.ShouldBe("alice");
        leadership.IsValid.ShouldBeTrue();
    }

    [Fact]
    public async Task With_the_node_killed_that_both_talk_to_a_cut_off_leader_is_replaced()
    {
        using var network = new Blockable();
        await using var standby = Open();
        await using var registry = Open(new RegistryOptions { Handler = network });
        var first = await registry.CampaignAsync(s_alice).Soon();
        var second = standby.CampaignAsync(s_bob);

        var killed = Stopwatch.StartNew();
        await _cluster!.Nodes[0].KillAsync();
        network.Cut();
        var successor = await second.Soon();

        first.IsValid.ShouldBeFalse();
        successor.Term.ShouldBe(new Term(2));
        (await standby.WaitForCoordinatorAsync(new Term(2)).Soon()).Name.ShouldBe("bob");
        await first.Lost.Fired();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the standby led {killed.Elapsed.TotalSeconds:0.00} s after node and leader were gone"));
    }

    [Fact]
    public async Task With_most_nodes_dead_nobody_leads_until_one_is_back()
    {
        await using var registry = Open();
        await using var other = Open(first: 2);
        var first = await registry.CampaignAsync(s_alice).Soon();

        await Task.WhenAll(_cluster!.Nodes[0].KillAsync(), _cluster.Nodes[1].KillAsync());
        await first.Lost.Fired();
        first.IsValid.ShouldBeFalse();
        await Should.ThrowAsync<RegistryUnavailableException>(() => other.FindAsync().Soon());
        var second = other.CampaignAsync(s_bob);
        await _cluster.Nodes[0].StartAsync();

        (await second.Soon()).Term.ShouldBe(new Term(2));
    }
}
