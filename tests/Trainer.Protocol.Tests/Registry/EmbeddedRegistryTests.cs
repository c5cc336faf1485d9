using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

public sealed class EmbeddedRegistryTests : IAsyncDisposable
{
    static readonly Candidate s_alice = new("alice", "a:1"), s_bob = new("bob", "b:1");

    readonly EmbeddedRegistry _registry;
    long _term = 6;

    public EmbeddedRegistryTests() => _registry = new EmbeddedRegistry(() => new Term(++_term));

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Fact]
    public async Task The_first_candidate_leads_at_once_with_the_term_that_is_given()
    {
        var leadership = await _registry.CampaignAsync(s_alice).Soon();

        (leadership.Term, leadership.IsValid, leadership.LossReason).ShouldBe((new Term(7), true, null));
        (await _registry.FindAsync()).ShouldBe(new CoordinatorRecord(new Term(7), "alice", "a:1"));
    }

    [Fact]
    public async Task The_next_one_leads_when_the_first_resigns()
    {
        var first = await _registry.CampaignAsync(s_alice).Soon();
        var second = _registry.CampaignAsync(s_bob);
        second.IsCompleted.ShouldBeFalse();

        await first.ResignAsync();

        (await second.Soon()).Term.ShouldBe(new Term(8));
        first.IsValid.ShouldBeFalse();
        await Should.ThrowAsync<LeadershipLostException>(() => first.NextTermAsync());
    }

    [Fact]
    public async Task Another_term_begins_without_an_election()
    {
        await using var leadership = await _registry.CampaignAsync(s_alice).Soon();

        (await leadership.NextTermAsync()).ShouldBe(new Term(8));

        leadership.Term.ShouldBe(new Term(8));
        (await _registry.FindAsync())!.Term.ShouldBe(new Term(8));
    }

    [Fact]
    public async Task A_watch_tells_of_every_change()
    {
        await using var watch = _registry.WatchAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
        (await Next()).ShouldBeNull();

        var leadership = await _registry.CampaignAsync(s_alice).Soon();
        (await Next())!.Name.ShouldBe("alice");
        await leadership.ResignAsync();
        (await Next()).ShouldBeNull();

        async Task<CoordinatorRecord?> Next()
        {
            (await watch.MoveNextAsync().AsTask().Soon()).ShouldBeTrue();
            return watch.Current;
        }
    }

    [Fact]
    public async Task A_worker_that_has_seen_a_later_term_does_not_follow_an_earlier_one()
    {
        var found = _registry.WaitForCoordinatorAsync(new Term(8));
        var leadership = await _registry.CampaignAsync(s_alice).Soon();
        found.IsCompleted.ShouldBeFalse();

        await leadership.NextTermAsync();

        (await found.Soon()).Term.ShouldBe(new Term(8));
    }

    [Fact]
    public async Task A_term_that_cannot_be_had_leaves_the_place_free()
    {
        var fails = true;
        await using var registry = new EmbeddedRegistry(() => fails ? throw new IOException("disk full") : new Term(1));
        await Should.ThrowAsync<IOException>(() => registry.CampaignAsync(s_alice));
        fails = false;

        (await registry.CampaignAsync(s_bob).Soon()).IsValid.ShouldBeTrue();
    }

    [Fact]
    public async Task Closing_it_resigns()
    {
        var leadership = await _registry.CampaignAsync(s_alice).Soon();

        await _registry.DisposeAsync();

        leadership.IsValid.ShouldBeFalse();
    }
}
