using System.Net;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Worker.Tests;

/// <summary>What a process finds out about its coordinator from a registry.</summary>
public sealed class CoordinatorFinderTests : IAsyncDisposable
{
    // Only so that a hang becomes a failure.
    static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    readonly EmbeddedRegistry _registry;
    long _term;

    public CoordinatorFinderTests() => _registry = new EmbeddedRegistry(() => new Term(++_term));

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Fact]
    public async Task Whoever_took_part_finds_out_that_the_run_has_ended_and_how()
    {
        var leader = await LeadAsync();
        await using var finder = Finder();
        var place = (await Found(finder)).Place.ShouldNotBeNull();
        place.EndPoint.ShouldBe(new IPEndPoint(IPAddress.Loopback, 4242));

        await leader.LeaveWordAsync("the run failed: NaN", failed: true);
        place.Moved.IsCancellationRequested.ShouldBeFalse("it still leads");
        var moved = new TaskCompletionSource();
        await using var registration = place.Moved.Register(moved.SetResult);
        await leader.ResignAsync();
        await moved.Task.WaitAsync(s_limit);

        (await Found(finder)).ShouldBe(new CoordinatorNews(null, new HostEnd(HostEndKind.RunFailed, "the run failed: NaN")));
    }

    [Fact]
    public async Task Whoever_comes_when_a_run_has_ended_waits_for_the_next_one()
    {
        var past = await LeadAsync();
        await past.LeaveWordAsync("the run is done", failed: false);
        await past.ResignAsync();
        await using var finder = Finder();
        var found = Found(finder);
        await LeadAsync();
        (await found).Place.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_coordinator_that_goes_without_a_word_may_be_back_where_it_was()
    {
        var leader = await LeadAsync();
        await using var finder = Finder();
        var place = (await Found(finder)).Place.ShouldNotBeNull();
        await leader.ResignAsync();
        await LeadAsync();
        (await Found(finder)).Place.ShouldBe(place);
    }

    static Task<CoordinatorNews> Found(CoordinatorFinder finder) => finder.FindAsync(CancellationToken.None).WaitAsync(s_limit);

    CoordinatorFinder Finder() => new(_registry, _ => true, _ => { }, TimeProvider.System);

    Task<ILeadership> LeadAsync() => _registry.CampaignAsync(new Candidate("alice", "127.0.0.1:4242")).WaitAsync(s_limit);
}
