using LstmCluster.Protocol;
using Conduct = Trainer.Protocol.Tests.FakeEtcd.Conduct;

namespace Trainer.Protocol.Tests;

public sealed class EtcdElectionTests : IAsyncDisposable
{
    readonly RegistryRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task The_first_candidate_leads_with_the_first_term()
    {
        var leadership = await _rig.LeadAsync();

        (leadership.Term, leadership.IsValid).ShouldBe((new Term(1), true));
        (await _rig.Open().FindAsync().Soon()).ShouldBe(new CoordinatorRecord(new Term(1), "alice", "alice:4242"));
    }

    [Fact]
    public async Task Terms_go_on_from_what_is_known_elsewhere()
    {
        _rig.Known = new Term(40);
        var first = await _rig.LeadAsync();
        first.Term.ShouldBe(new Term(41));
        await first.ResignAsync();
        _rig.Known = new Term(0);

        (await _rig.LeadAsync()).Term.ShouldBe(new Term(42));
    }

    [Fact]
    public async Task Terms_go_on_when_etcd_has_lost_its_data()
    {
        await (await _rig.LeadAsync()).ResignAsync();
        var second = await _rig.LeadAsync();
        await second.ResignAsync();
        _rig.Known = second.Term;
        _rig.Etcd.Wipe();

        (await _rig.LeadAsync()).Term.ShouldBe(new Term(3));
    }

    [Fact]
    public async Task A_standby_leads_when_the_leader_has_resigned_and_has_no_lease_before()
    {
        var first = await _rig.LeadAsync("alice");
        var second = _rig.Open().CampaignAsync(RegistryRig.Candidate("bob"));
        await _rig.Clock.TimerInAsync(RegistryRig.Look);
        _rig.Etcd.Leases.ShouldBe(1);

        await first.ResignAsync().Soon();
        await _rig.Clock.PassAsync(RegistryRig.Look);

        (await second.Soon()).Term.ShouldBe(new Term(2));
        (await _rig.Open().FindAsync().Soon())!.Name.ShouldBe("bob");
    }

    [Theory]
    [InlineData("/v3/kv/txn")]
    [InlineData("/v3/lease/grant")]
    public async Task A_lost_answer_costs_neither_the_election_nor_its_safety(string lost)
    {
        // The first transaction is only a look.
        var looks = 0;
        var losses = 0;
        _rig.Etcd.Conducts(path => path == lost && (lost == "/v3/lease/grant" || ++looks > 1) && ++losses == 1 ? Conduct.LosesAnswer : Conduct.Right);
        var campaign = _rig.Open().CampaignAsync(RegistryRig.Candidate("alice"));

        await _rig.Clock.PassAsync(RegistryRig.FirstRetry);
        var leadership = await campaign.Soon();

        losses.ShouldBeGreaterThanOrEqualTo(1);
        (leadership.Term, leadership.IsValid).ShouldBe((new Term(1), true));
        (await _rig.Open().FindAsync().Soon())!.Term.ShouldBe(new Term(1));
    }

    [Fact]
    public async Task A_candidate_whose_lease_ran_out_before_the_answer_came_tries_again_with_another()
    {
        var slow = true;
        var looks = 0;
        _rig.Etcd.Conducts(path => slow && path == "/v3/kv/txn" && ++looks > 1 ? Conduct.Silent : Conduct.Right);
        var campaign = _rig.Open().CampaignAsync(RegistryRig.Candidate("alice"));

        await _rig.Clock.TimerInAsync(1500);
        _rig.Clock.Jump(TimeSpan.FromSeconds(3));
        slow = false;
        _rig.Clock.Advance(TimeSpan.Zero);
        await _rig.Clock.PassAsync(RegistryRig.FirstRetry);
        await _rig.Clock.PassAsync(RegistryRig.Look);

        (await campaign.Soon()).IsValid.ShouldBeTrue();
        _rig.Etcd.Requests.Count(request => request.Path == "/v3/lease/grant").ShouldBe(2);
        _rig.Etcd.Leases.ShouldBe(1);
    }

    [Fact]
    public async Task A_candidate_whose_lease_etcd_does_not_know_tries_again_with_another()
    {
        var looks = 0;
        _rig.Etcd.Conducts(path =>
        {
            if (path == "/v3/kv/txn" && ++looks == 2) _rig.Etcd.EndAllLeases();
            return Conduct.Right;
        });
        var campaign = _rig.Open().CampaignAsync(RegistryRig.Candidate("alice"));

        await _rig.Clock.PassAsync(RegistryRig.Look);

        (await campaign.Soon()).IsValid.ShouldBeTrue();
        _rig.Etcd.Requests.Count(request => request.Path == "/v3/lease/grant").ShouldBe(2);
    }

    [Fact]
    public async Task A_candidate_that_another_one_forestalled_gives_its_lease_back_and_waits()
    {
        var looks = 0;
        _rig.Etcd.Conducts(path =>
        {
            if (path == "/v3/kv/txn" && ++looks == 2) _rig.Etcd.Put(RegistryRig.CoordinatorKey, """{"term":"9","name":"bob","endpoint":"b:1"}""");
            return Conduct.Right;
        });
        var campaign = _rig.Open().CampaignAsync(RegistryRig.Candidate("alice"));

        await _rig.Clock.TimerInAsync(RegistryRig.Look);

        campaign.IsCompleted.ShouldBeFalse();
        _rig.Etcd.Leases.ShouldBe(0);
        _rig.Etcd.Delete(RegistryRig.CoordinatorKey);
        await _rig.Clock.PassAsync(RegistryRig.Look);
        await campaign.Soon();
    }

    [Fact]
    public async Task A_term_that_another_one_raised_meanwhile_is_read_again()
    {
        var looks = 0;
        _rig.Etcd.Conducts(path =>
        {
            if (path == "/v3/kv/txn" && ++looks == 2) _rig.Etcd.Put(RegistryRig.TermKey, "9");
            return Conduct.Right;
        });

        (await _rig.LeadAsync()).Term.ShouldBe(new Term(10));
    }

    [Fact]
    public async Task A_registry_that_is_away_is_waited_for_and_told_of_once()
    {
        _rig.Etcd.Conducts(Conduct.Dead);
        var campaign = _rig.Open().CampaignAsync(RegistryRig.Candidate("alice"));

        await _rig.Clock.PassAsync(RegistryRig.FirstRetry);
        await _rig.Clock.PassAsync(RegistryRig.SecondRetry);
        await _rig.Clock.TimerInAsync(RegistryRig.ThirdRetry);
        _rig.Etcd.Conducts(Conduct.Right);
        await _rig.Clock.PassAsync(RegistryRig.ThirdRetry);

        (await campaign.Soon()).IsValid.ShouldBeTrue();
        _rig.Log.ShouldBe(["waiting for the registry: etcd://a:1/run: a:1: connection refused", "the registry answers again"]);
    }

    [Fact]
    public async Task A_campaign_that_is_given_up_leaves_no_lease()
    {
        var looks = 0;
        _rig.Etcd.Conducts(path => path == "/v3/kv/txn" && ++looks > 1 ? Conduct.Silent : Conduct.Right);
        using var stop = new CancellationTokenSource();
        var campaign = _rig.Open().CampaignAsync(RegistryRig.Candidate("alice"), stop.Token);
        await _rig.Clock.TimerInAsync(1500);
        _rig.Etcd.Leases.ShouldBe(1);

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => campaign.Soon());
        _rig.Etcd.Leases.ShouldBe(0);
    }
}
