using System.Net;
using LstmCluster.Protocol;
using Conduct = Trainer.Protocol.Tests.FakeEtcd.Conduct;

namespace Trainer.Protocol.Tests;

public sealed class EtcdLeadershipTests : IAsyncDisposable
{
    readonly RegistryRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task A_leader_that_renews_leads_on()
    {
        var leadership = await _rig.LeadAsync();

        for (var renewal = 0; renewal < 40; renewal++) await _rig.Clock.PassAsync(RegistryRig.Renewal);
        await _rig.Clock.TimerInAsync(RegistryRig.Renewal);

        leadership.IsValid.ShouldBeTrue();
        leadership.Lost.IsCancellationRequested.ShouldBeFalse();
        (await _rig.Open().FindAsync().Soon())!.Term.ShouldBe(leadership.Term);
    }

    [Fact]
    public async Task A_process_that_was_paused_knows_on_waking_that_it_may_be_deposed()
    {
        var leadership = await _rig.LeadAsync();

        _rig.Clock.Jump(TimeSpan.FromSeconds(2.7));

        leadership.IsValid.ShouldBeFalse();
        leadership.Lost.IsCancellationRequested.ShouldBeFalse("no timer has fired yet");
        _rig.Clock.Advance(TimeSpan.Zero);
        await leadership.Lost.Fired();
        leadership.LossReason.ShouldBe("its lease of 3 s was not renewed in time");
    }

    [Fact]
    public async Task A_renewal_that_was_under_way_during_a_pause_revives_nothing()
    {
        var leadership = await _rig.LeadAsync();
        _rig.Etcd.Conducts(path =>
        {
            // The process is paused between sending and hearing.
            if (path == "/v3/lease/keepalive") _rig.Clock.Jump(TimeSpan.FromSeconds(2.4));
            return Conduct.Right;
        });

        await _rig.Clock.PassAsync(RegistryRig.Renewal);
        await leadership.Lost.Fired();

        leadership.IsValid.ShouldBeFalse();
    }

    [Fact]
    public async Task A_leader_whose_registry_is_silent_is_lost_before_its_lease_ends()
    {
        var leadership = await _rig.LeadAsync();
        var elected = _rig.Clock.Now;
        _rig.Etcd.Conducts(Conduct.Silent);
        var lost = leadership.Lost.Fired();

        while (!lost.IsCompleted)
        {
            _rig.Clock.Advance(TimeSpan.FromMilliseconds(12.5));
            if (_rig.Clock.Now - elected < TimeSpan.FromSeconds(2.7)) leadership.IsValid.ShouldBeTrue();
            else break;
        }

        leadership.IsValid.ShouldBeFalse();
        await lost;
        _rig.Etcd.Leases.ShouldBe(1, "the lease itself runs on");
    }

    [Fact]
    public async Task The_reason_of_a_loss_says_what_the_registry_did()
    {
        var leadership = await _rig.LeadAsync();
        _rig.Etcd.Conducts(Conduct.Dead);
        await _rig.Clock.PassAsync(RegistryRig.Renewal);
        await _rig.Clock.TimerInAsync(RegistryRig.FirstRetry);

        _rig.Clock.Advance(TimeSpan.FromSeconds(3));
        await leadership.Lost.Fired();

        leadership.LossReason.ShouldBe("its lease of 3 s was not renewed in time (etcd://a:1/run: a:1: connection refused)");
    }

    [Theory]
    [InlineData("/v3/lease/keepalive")]
    [InlineData("/v3/kv/txn")]
    public async Task A_short_absence_of_the_registry_costs_nothing(string away)
    {
        var leadership = await _rig.LeadAsync();
        _rig.Etcd.Conducts(path => path == away ? Conduct.LosesAnswer : Conduct.Right);
        await _rig.Clock.PassAsync(RegistryRig.Renewal);
        await _rig.Clock.TimerInAsync(RegistryRig.FirstRetry);
        _rig.Etcd.Conducts(Conduct.Right);
        await _rig.Clock.PassAsync(RegistryRig.FirstRetry);

        for (var renewal = 0; renewal < 10; renewal++) await _rig.Clock.PassAsync(RegistryRig.Renewal);

        leadership.IsValid.ShouldBeTrue();
    }

    [Fact]
    public async Task A_leader_that_only_renews_with_a_node_that_is_cut_off_is_lost()
    {
        var leadership = await _rig.LeadAsync();
        _rig.Etcd.Conducts(path => path == "/v3/kv/txn" ? Conduct.Dead : Conduct.Right);
        var lost = leadership.Lost.Fired();

        for (var passed = 0; passed < 30; passed++) _rig.Clock.Advance(TimeSpan.FromMilliseconds(100));

        leadership.IsValid.ShouldBeFalse();
        await lost;
    }

    [Fact]
    public async Task A_key_that_somebody_deleted_is_a_loss()
    {
        var leadership = await _rig.LeadAsync();
        _rig.Etcd.Delete(RegistryRig.CoordinatorKey);

        await _rig.Clock.PassAsync(RegistryRig.Renewal);
        await leadership.Lost.Fired();

        (leadership.IsValid, leadership.LossReason).ShouldBe((false, "its entry is gone from the registry"));
    }

    [Fact]
    public async Task A_key_of_somebody_else_is_a_loss_that_says_whose()
    {
        var leadership = await _rig.LeadAsync();
        _rig.Etcd.Delete(RegistryRig.CoordinatorKey);
        _rig.Etcd.Put(RegistryRig.CoordinatorKey, """{"term":"9","name":"bob","endpoint":"b:1"}""");

        await _rig.Clock.PassAsync(RegistryRig.Renewal);
        await leadership.Lost.Fired();

        (leadership.IsValid, leadership.LossReason).ShouldBe((false, "the coordinator is bob at b:1, term 9"));
    }

    [Fact]
    public async Task A_lease_that_etcd_ended_is_a_loss()
    {
        var leadership = await _rig.LeadAsync();
        _rig.Etcd.EndAllLeases();

        await _rig.Clock.PassAsync(RegistryRig.Renewal);
        await leadership.Lost.Fired();

        (leadership.IsValid, leadership.LossReason).ShouldBe((false, "its lease has run out"));
    }

    [Fact]
    public async Task A_registry_that_refuses_is_a_loss()
    {
        var leadership = await _rig.LeadAsync();
        _rig.Etcd.Conducts(Conduct.Says("""{"message":"etcdserver: permission denied","code":7}""", HttpStatusCode.Forbidden));

        await _rig.Clock.PassAsync(RegistryRig.Renewal);
        await leadership.Lost.Fired();

        leadership.LossReason.ShouldBe("the registry failed: etcd://a:1/run: etcdserver: permission denied");
    }

    [Fact]
    public async Task Resigning_gives_the_lease_back_and_is_no_loss()
    {
        var leadership = await _rig.LeadAsync();

        await leadership.ResignAsync().Soon();
        await leadership.ResignAsync().Soon();

        _rig.Etcd.Leases.ShouldBe(0);
        (leadership.IsValid, leadership.Lost.IsCancellationRequested, leadership.LossReason).ShouldBe((false, false, null));
    }

    [Fact]
    public async Task Resigning_while_the_registry_is_away_leaves_the_lease_to_its_end()
    {
        var leadership = await _rig.LeadAsync();
        _rig.Etcd.Conducts(Conduct.Dead);

        await leadership.ResignAsync().Soon();

        _rig.Log.ShouldContain(line => line.StartsWith("the lease could not be given back and will run out by itself: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_leader_that_was_lost_gives_back_what_it_may_still_hold()
    {
        var leadership = await _rig.LeadAsync();

        _rig.Clock.Jump(TimeSpan.FromSeconds(2.7));
        _rig.Clock.Advance(TimeSpan.Zero);
        await leadership.Lost.Fired();
        await leadership.ResignAsync().Soon();

        _rig.Etcd.Leases.ShouldBe(0);
        leadership.LossReason.ShouldNotBeNull();
    }

    [Fact]
    public async Task Another_term_begins_without_an_election()
    {
        var leadership = await _rig.LeadAsync();

        (await leadership.NextTermAsync().Soon()).ShouldBe(new Term(2));

        (leadership.Term, leadership.IsValid).ShouldBe((new Term(2), true));
        (await _rig.Open().FindAsync().Soon()).ShouldBe(new CoordinatorRecord(new Term(2), "alice", "alice:4242"));
        for (var renewal = 0; renewal < 10; renewal++) await _rig.Clock.PassAsync(RegistryRig.Renewal);
        leadership.IsValid.ShouldBeTrue();
    }

    [Fact]
    public async Task A_lost_answer_raises_the_term_once()
    {
        var leadership = await _rig.LeadAsync();
        var calls = 0;
        _rig.Etcd.Conducts(path => path == "/v3/kv/txn" && ++calls == 2 ? Conduct.LosesAnswer : Conduct.Right);
        var next = leadership.NextTermAsync();

        await _rig.Clock.PassAsync(RegistryRig.FirstRetry);

        (await next.Soon()).ShouldBe(new Term(2));
    }

    [Fact]
    public async Task Who_was_deposed_begins_no_other_term()
    {
        var leadership = await _rig.LeadAsync();
        _rig.Etcd.Delete(RegistryRig.CoordinatorKey);

        (await Should.ThrowAsync<LeadershipLostException>(() => leadership.NextTermAsync().Soon())).Message.ShouldBe("not coordinator any more: its entry is gone from the registry");

        leadership.Lost.IsCancellationRequested.ShouldBeTrue();
        leadership.Term.ShouldBe(new Term(1));
    }

    [Fact]
    public async Task Who_was_paused_too_long_begins_no_other_term()
    {
        var leadership = await _rig.LeadAsync();
        _rig.Clock.Jump(TimeSpan.FromSeconds(2.7));

        var error = await Should.ThrowAsync<LeadershipLostException>(() => leadership.NextTermAsync().Soon());

        error.Message.ShouldBe("not coordinator any more: its lease of 3 s was not renewed in time");
    }

    [Fact]
    public async Task Who_resigned_begins_no_other_term()
    {
        var leadership = await _rig.LeadAsync();
        await leadership.ResignAsync().Soon();

        (await Should.ThrowAsync<LeadershipLostException>(() => leadership.NextTermAsync().Soon())).Message.ShouldBe("not coordinator any more: it has resigned");
    }
}
