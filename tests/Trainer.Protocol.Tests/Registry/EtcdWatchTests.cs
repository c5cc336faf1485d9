using LstmCluster.Protocol;
using Conduct = Trainer.Protocol.Tests.FakeEtcd.Conduct;

namespace Trainer.Protocol.Tests;

public sealed class EtcdWatchTests : IAsyncDisposable
{
    readonly RegistryRig _rig = new();
    readonly CancellationTokenSource _stop = new();
    readonly IAsyncEnumerator<CoordinatorRecord?> _watch;

    public EtcdWatchTests() => _watch = _rig.Open().WatchAsync(_stop.Token).GetAsyncEnumerator();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task It_tells_who_leads_now_and_of_each_change()
    {
        (await Current(_watch.MoveNextAsync())).ShouldBeNull();

        Lead(1, "alice");
        (await AfterLook())!.Name.ShouldBe("alice");
        _rig.Etcd.Delete(RegistryRig.CoordinatorKey);
        (await AfterLook()).ShouldBeNull();
        Lead(2, "bob");
        (await AfterLook()).ShouldBe(new CoordinatorRecord(new Term(2), "bob", "bob:1"));
    }

    [Fact]
    public async Task The_same_coordinator_is_told_once_and_again_with_another_term()
    {
        Lead(1, "alice");
        (await Current(_watch.MoveNextAsync()))!.Term.ShouldBe(new Term(1));

        var next = _watch.MoveNextAsync();
        await _rig.Clock.PassAsync(RegistryRig.Look);
        await _rig.Clock.TimerInAsync(RegistryRig.Look);
        next.IsCompleted.ShouldBeFalse();
        Lead(2, "alice");
        await _rig.Clock.PassAsync(RegistryRig.Look);

        (await Current(next))!.Term.ShouldBe(new Term(2));
    }

    [Fact]
    public async Task While_the_registry_is_away_what_was_seen_stands()
    {
        Lead(1, "alice");
        await Current(_watch.MoveNextAsync());
        var next = _watch.MoveNextAsync();
        await _rig.Clock.TimerInAsync(RegistryRig.Look);
        _rig.Etcd.Conducts(Conduct.Dead);
        await _rig.Clock.PassAsync(RegistryRig.Look);
        await _rig.Clock.TimerInAsync(RegistryRig.FirstRetry);

        next.IsCompleted.ShouldBeFalse();
        _rig.Etcd.Conducts(Conduct.Right);
        Lead(2, "bob");
        await _rig.Clock.PassAsync(RegistryRig.FirstRetry);

        (await Current(next))!.Name.ShouldBe("bob");
        _rig.Log.ShouldBe(["waiting for the registry: etcd://a:1/run: a:1: connection refused", "the registry answers again"]);
    }

    [Fact]
    public async Task An_entry_of_something_else_ends_it()
    {
        _rig.Etcd.Put(RegistryRig.CoordinatorKey, "hello");

        await Should.ThrowAsync<RegistryException>(() => _watch.MoveNextAsync().AsTask().Soon());
    }

    [Fact]
    public async Task A_worker_that_has_seen_a_later_term_does_not_follow_an_earlier_one()
    {
        Lead(5, "alice");
        var found = _rig.Open().WaitForCoordinatorAsync(new Term(6));
        await _rig.Clock.TimerInAsync(RegistryRig.Look);
        Lead(6, "bob");
        await _rig.Clock.PassAsync(RegistryRig.Look);

        (await found.Soon()).Name.ShouldBe("bob");
    }

    void Lead(long term, string name) => _rig.Etcd.Put(RegistryRig.CoordinatorKey, $$"""{"term":"{{term}}","name":"{{name}}","endpoint":"{{name}}:1"}""");

    async Task<CoordinatorRecord?> AfterLook()
    {
        var next = _watch.MoveNextAsync();
        await _rig.Clock.PassAsync(RegistryRig.Look);
        return await Current(next);
    }

    async Task<CoordinatorRecord?> Current(ValueTask<bool> next)
    {
        (await next.AsTask().Soon()).ShouldBeTrue();
        return _watch.Current;
    }
}
