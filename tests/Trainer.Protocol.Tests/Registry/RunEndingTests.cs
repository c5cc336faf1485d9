using LstmCluster.Protocol;
using Conduct = Trainer.Protocol.Tests.FakeEtcd.Conduct;

namespace Trainer.Protocol.Tests;

/// <summary>How word of a run's end is left and found.</summary>
public sealed class RunEndingTests : IAsyncDisposable
{
    readonly RegistryRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Word_that_a_leader_leaves_is_found_once_it_has_resigned_and_until_somebody_else_leads()
    {
        var reader = _rig.Open();
        (await reader.FindEndingAsync().Soon()).ShouldBeNull();
        var alice = await _rig.LeadAsync();
        await alice.LeaveWordAsync("the run is done", failed: false).Soon();
        (await reader.FindEndingAsync().Soon()).ShouldBeNull("she still leads");
        await alice.ResignAsync().Soon();
        (await reader.FindEndingAsync().Soon()).ShouldBe(new RunEnding(new Term(1), "the run is done", false));

        var bob = await _rig.LeadAsync("bob");
        bob.Term.ShouldBe(new Term(2));
        await bob.ResignAsync().Soon();
        (await reader.FindEndingAsync().Soon()).ShouldBeNull("he has left none, and may be followed by another one");
    }

    [Fact]
    public async Task Terms_go_on_behind_word_of_an_end_and_the_word_is_that_of_the_present_term()
    {
        var alice = await _rig.LeadAsync();
        await alice.LeaveWordAsync("not yet", failed: true).Soon();
        (await alice.NextTermAsync().Soon()).ShouldBe(new Term(2));
        await alice.LeaveWordAsync("the run failed: \"NaN\"", failed: true).Soon();
        await alice.ResignAsync().Soon();
        (await _rig.Open().FindEndingAsync().Soon()).ShouldBe(new RunEnding(new Term(2), "the run failed: \"NaN\"", true));
    }

    [Fact]
    public async Task An_answer_that_is_lost_does_no_harm()
    {
        var alice = await _rig.LeadAsync();
        var lost = 0;
        _rig.Etcd.Conducts(path => path.EndsWith("txn", StringComparison.Ordinal) && ++lost == 2 ? Conduct.LosesAnswer : Conduct.Right);
        await Should.ThrowAsync<RegistryUnavailableException>(() => alice.LeaveWordAsync("the run is done", failed: false).Soon());
        await alice.LeaveWordAsync("the run is done", failed: false).Soon();
        await alice.ResignAsync().Soon();
        (await _rig.Open().FindEndingAsync().Soon()).ShouldBe(new RunEnding(new Term(1), "the run is done", false));
    }

    [Fact]
    public async Task Whoever_is_deposed_leaves_no_word()
    {
        var alice = await _rig.LeadAsync();
        _rig.Etcd.Put(RegistryRig.CoordinatorKey, """{"term":"9","name":"bob","endpoint":"bob:1"}""");
        await Should.ThrowAsync<LeadershipLostException>(() => alice.LeaveWordAsync("the run is done", failed: false).Soon());
    }

    [Theory]
    [InlineData("7 and more")]
    [InlineData("7 {}")]
    [InlineData("7 ")]
    public async Task A_word_that_is_none_is_refused(string text)
    {
        _rig.Etcd.Put(RegistryRig.TermKey, text);
        await Should.ThrowAsync<RegistryException>(() => _rig.Open().FindEndingAsync().Soon());
    }

    [Fact]
    public async Task The_registry_within_a_process_keeps_word_too()
    {
        await using var registry = new EmbeddedRegistry(() => new Term(4));
        var leader = await registry.CampaignAsync(RegistryRig.Candidate("alice"));
        await leader.LeaveWordAsync("the run is done", failed: false);
        (await registry.FindEndingAsync()).ShouldBeNull();
        await leader.ResignAsync();
        (await registry.FindEndingAsync()).ShouldBe(new RunEnding(new Term(4), "the run is done", false));
        await registry.CampaignAsync(RegistryRig.Candidate("bob"));
        (await registry.FindEndingAsync()).ShouldBeNull();
    }
}
