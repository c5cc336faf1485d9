using System.Diagnostics;
using System.Globalization;
using System.Text;
using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

/// <summary>The registry in a real etcd of one node.</summary>
public sealed class EtcdServerTests(OneEtcd etcd, ITestOutputHelper output) : IClassFixture<OneEtcd>
{
    static readonly Candidate s_alice = new("alice", "10.0.0.1:4242"), s_bob = new("bob", "10.0.0.2:4242");

    [Fact]
    public async Task A_candidate_is_elected_and_found()
    {
        await using var registry = etcd.Open("found");
        (await registry.FindAsync().Soon()).ShouldBeNull();

        var leadership = await registry.CampaignAsync(s_alice).Soon();

        (leadership.Term, leadership.IsValid).ShouldBe((new Term(1), true));
        (await registry.FindAsync().Soon()).ShouldBe(new CoordinatorRecord(new Term(1), "alice", "10.0.0.1:4242"));
    }

    [Fact]
    public async Task Runs_of_other_names_are_others()
    {
        await using var one = etcd.Open("name");
        await using var other = etcd.Open("name2");
        await one.CampaignAsync(s_alice).Soon();

        (await other.CampaignAsync(s_bob).Soon()).Term.ShouldBe(new Term(1));
    }

    [Fact]
    public async Task When_a_leader_resigns_a_standby_leads_with_a_higher_term()
    {
        await using var registry = etcd.Open("resign");
        await using var standby = etcd.Open("resign");
        var first = await registry.CampaignAsync(s_alice).Soon();
        var second = standby.CampaignAsync(s_bob);

        await first.ResignAsync().Soon();

        (await second.Soon()).Term.ShouldBe(new Term(2));
        (await registry.FindAsync().Soon())!.Name.ShouldBe("bob");
    }

    [Fact]
    public async Task A_leader_that_is_cut_off_knows_that_it_is_lost_before_the_standby_leads()
    {
        using var network = new Blockable();
        await using var standby = etcd.Open("cut");
        await using var registry = etcd.Open("cut", new RegistryOptions { Handler = network });
        var first = await registry.CampaignAsync(s_alice).Soon();
        var second = standby.CampaignAsync(s_bob);

        var cut = Stopwatch.StartNew();
        network.Cut();
        var successor = await second.Soon();

        first.IsValid.ShouldBeFalse();
        successor.Term.ShouldBe(new Term(2));
        await first.Lost.Fired();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the standby led {cut.Elapsed.TotalSeconds:0.00} s after the cut"));
    }

    [Fact]
    public async Task A_leader_leads_on_for_longer_than_its_lease()
    {
        await using var registry = etcd.Open("renew", new RegistryOptions { LeaseTime = TimeSpan.FromSeconds(2) });
        await using var other = etcd.Open("renew");
        var leadership = await registry.CampaignAsync(s_alice).Soon();
        var standby = other.CampaignAsync(s_bob);

        // A lease that is granted now and not renewed has run out when the key that is put with it is gone.
        await etcd.PostAsync("lease/grant", """{"TTL":"4","ID":"4711"}""");
        await etcd.PostAsync("kv/txn", """{"success":[{"request_put":{"key":"bHN0bS1jbHVzdGVyL290aGVyL2Nvb3JkaW5hdG9y","value":"eyJ0ZXJtIjoiMSIsIm5hbWUiOiJ4IiwiZW5kcG9pbnQiOiJ4OjEifQ==","lease":"4711"}}]}""");
        await using var clock = etcd.Open("other");
        await using var watch = clock.WatchAsync().GetAsyncEnumerator();
        await watch.MoveNextAsync().AsTask().Soon();
        watch.Current.ShouldNotBeNull();
        await watch.MoveNextAsync().AsTask().Soon();
        watch.Current.ShouldBeNull();

        leadership.LossReason.ShouldBeNull();
        leadership.IsValid.ShouldBeTrue();
        standby.IsCompleted.ShouldBeFalse();
        await leadership.ResignAsync().Soon();
        await standby.Soon();
    }

    [Fact]
    public async Task Of_many_candidates_one_leads_at_a_time_with_terms_that_grow()
    {
        const int Candidates = 8;
        var leading = 0;
        var terms = new List<long>();
        await Task.WhenAll(Enumerable.Range(0, Candidates).Select(async index =>
        {
            await using var registry = etcd.Open("many", new RegistryOptions { LeaseTime = TimeSpan.FromSeconds(30), PollInterval = TimeSpan.FromMilliseconds(10) });
            var leadership = await registry.CampaignAsync(new Candidate($"candidate-{index}", "10.0.0.3:4242"));
            Interlocked.Increment(ref leading).ShouldBe(1);
            lock (terms) terms.Add(leadership.Term.Value);
            (await registry.FindAsync())!.Name.ShouldBe($"candidate-{index}");
            Interlocked.Decrement(ref leading);
            await leadership.ResignAsync();
        })).Soon();

        terms.ShouldBe(terms.Order());
        terms.Distinct().Count().ShouldBe(Candidates);
    }

    [Fact]
    public async Task A_leader_begins_another_term_and_goes_on_renewing()
    {
        await using var registry = etcd.Open("next");
        var leadership = await registry.CampaignAsync(s_alice).Soon();

        (await leadership.NextTermAsync().Soon()).ShouldBe(new Term(2));
        (await leadership.NextTermAsync().Soon()).ShouldBe(new Term(3));

        (await registry.FindAsync().Soon())!.Term.ShouldBe(new Term(3));
        leadership.IsValid.ShouldBeTrue();
        await leadership.ResignAsync().Soon();
        (await registry.FindAsync().Soon()).ShouldBeNull();
    }

    [Fact]
    public async Task A_watch_sees_a_leader_come_go_and_be_replaced()
    {
        await using var registry = etcd.Open("watch");
        await using var watch = registry.WatchAsync().GetAsyncEnumerator();
        (await Next()).ShouldBeNull();

        var first = await registry.CampaignAsync(s_alice).Soon();
        (await Next()).ShouldBe(new CoordinatorRecord(new Term(1), "alice", "10.0.0.1:4242"));
        await first.ResignAsync().Soon();
        (await Next()).ShouldBeNull();
        await registry.CampaignAsync(s_bob).Soon();
        (await Next()).ShouldBe(new CoordinatorRecord(new Term(2), "bob", "10.0.0.2:4242"));

        async Task<CoordinatorRecord?> Next()
        {
            (await watch.MoveNextAsync().AsTask().Soon()).ShouldBeTrue();
            return watch.Current;
        }
    }

    [Fact]
    public async Task A_leader_whose_key_is_deleted_by_hand_is_lost()
    {
        await using var registry = etcd.Open("deleted");
        var leadership = await registry.CampaignAsync(s_alice).Soon();

        await etcd.PostAsync("kv/deleterange", $$"""{"key":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes("lstm-cluster/deleted/coordinator"))}}"}""");
        await leadership.Lost.Fired();

        (leadership.IsValid, leadership.LossReason).ShouldBe((false, "its entry is gone from the registry"));
    }

    [Fact]
    public async Task Terms_go_on_from_the_run_directory()
    {
        await using var registry = etcd.Open("known", new RegistryOptions { HighestTermKnown = () => new Term(40) });

        (await registry.CampaignAsync(s_alice).Soon()).Term.ShouldBe(new Term(41));
    }
}
