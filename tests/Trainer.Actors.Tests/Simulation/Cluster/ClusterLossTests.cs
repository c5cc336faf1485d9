using static LstmCluster.Actors.Tests.ClusterHarness;

namespace LstmCluster.Actors.Tests;

/// <summary>Crashes, pauses and cuts: who notices what, and when.</summary>
public sealed class ClusterLossTests : IAsyncLifetime
{
    static readonly TimeSpan Timeout = new ClusterOptions().PeerTimeout;
    static readonly TimeSpan Soonest = Timeout - new ClusterOptions().HeartbeatInterval;

    readonly ClusterHarness _harness = new();
    readonly List<ProcessEnd> _ended = [];
    SimulatedProcess _here = null!, _there = null!;
    ActorRef _actor = null!;
    List<(Message Message, TimeSpan At)> _heard = null!;
    TimeSpan _begun;

    public ValueTask InitializeAsync()
    {
        (_here, _there) = (_harness.Start("here"), _harness.Start("there", new ProcessOptions { Ended = _ended.Add }));
        _harness.Connect(_here, _there);
        (_actor, _heard) = _harness.Listen(_there, "actor");
        _harness.Runtime.RunFor(Second);
        _begun = _harness.Runtime.Elapsed;
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    [Fact]
    public void A_crash_is_noticed_at_once_and_its_actors_are_disposed_without_a_word()
    {
        var disposed = 0;
        var (listener, said) = _harness.Listen(_here, "listener");
        IActorContext? context = null;
        _there.Spawn("victim", () => new TestActor
        {
            OnStarted = own => context = own,
            OnDisposed = () =>
            {
                disposed++;
                context!.Send(listener, new Number(1));
            },
        });
        var watched = _harness.Watch(_here, "watcher", _actor);
        _harness.Runtime.RunFor(Second);
        var crash = _harness.Runtime.Elapsed;
        _there.Crash();
        _harness.Runtime.RunFor(Second);
        watched.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            entry => entry.At.ShouldBe(crash),
            entry => entry.Notice.Actor.ShouldBeSameAs(_actor),
            entry => entry.Notice.Failure.ShouldBeOfType<NodeLostException>().Node.ShouldBe(_there.Id));
        (disposed, said.Count, _there.IsAlive).ShouldBe((1, 0, false));
        _ended.ShouldHaveSingleItem().ShouldBe(new ProcessEnd(_there, ProcessEndKind.Crashed, null));
        Should.Throw<ObjectDisposedException>(() => _there.Spawn("more", () => new TestActor()));
    }

    [Fact]
    public void A_machine_that_is_gone_is_noticed_when_its_time_is_up_and_its_next_start_is_refused_until_then()
    {
        var watched = _harness.Watch(_here, "watcher", _actor);
        _harness.Runtime.RunFor(Second);
        _begun = _harness.Runtime.Elapsed;
        _there.Crash(unplugged: true);
        var connected = TimeSpan.Zero;
        _harness.Start("there").Connect("here", _ => connected = _harness.Runtime.Elapsed);
        _harness.Runtime.RunFor(10 * Second);
        (watched.ShouldHaveSingleItem().At - _begun).ShouldBeInRange(Soonest, Timeout);
        connected.ShouldBeGreaterThan(watched[0].At);
    }

    [Fact]
    public void A_process_that_is_started_again_is_another_one_and_old_addresses_lead_nowhere()
    {
        _there.Crash();
        _harness.Runtime.RunFor(Second);
        var restarted = _harness.Start("there");
        restarted.Id.ShouldNotBe(_there.Id);
        var (young, heard) = _harness.Listen(restarted, "actor");
        young.Path.ShouldBe(_actor.Path);
        _harness.Runtime.RunFor(5 * Second);
        _here.IsConnectedTo("there").ShouldBeTrue();
        Say(_here, "sender", _actor, new Number(1));
        Say(_here, "sender-2", young, new Number(2));
        var watched = _harness.Watch(_here, "watcher", _actor);
        _harness.Runtime.RunFor(Second);
        heard.Select(entry => entry.Message).ShouldBe([new Number(2)]);
        watched.ShouldHaveSingleItem().Notice.Failure.ShouldBeOfType<NodeLostException>();
        _harness.Cluster.Statistics.DeadLetters.ShouldBe(1);
    }

    [Fact]
    public async Task An_escalated_failure_ends_its_process_and_no_other()
    {
        var failing = _there.Spawn("failing", () => new TestActor(), new ActorOptions { Supervision = Supervision.EscalateOnFailure });
        Say(_here, "sender", failing, new Fail("beyond repair"));
        _harness.Runtime.RunFor(Second);
        var end = _ended.ShouldHaveSingleItem();
        (end.Kind, end.Failure!.Message).ShouldBe((ProcessEndKind.Failed, "beyond repair"));
        (await _there.Failure).Message.ShouldBe("beyond repair");
        (_here.IsAlive, _harness.Runtime.Failure.IsCompleted).ShouldBe((true, false));
        _harness.Losses.ShouldHaveSingleItem().Reason.ShouldEndWith("it shuts down");
    }

    [Fact]
    public async Task A_process_that_its_end_would_start_again_stays_away_once_the_runtime_is_disposed()
    {
        var harness = new ClusterHarness();
        harness.Start("phoenix", new ProcessOptions { Ended = _ => harness.Cluster.IsClosing.ShouldBeTrue() });
        await harness.DisposeAsync();
        harness.Ends.ShouldHaveSingleItem().Kind.ShouldBe(ProcessEndKind.Stopped);
        Should.Throw<ObjectDisposedException>(() => harness.Start("phoenix"));
    }

    [Fact]
    public void What_a_process_sent_before_it_stopped_in_order_still_arrives()
    {
        _harness.Cluster.Faults = new NetworkFaults { Latency = new LinkLatency { Jitter = 20 * Millisecond } };
        var (listener, said) = _harness.Listen(_here, "listener");
        IActorContext? context = null;
        _there.Spawn("polite", () => new TestActor
        {
            OnStarted = own => context = own,
            OnDisposed = () =>
            {
                for (var i = 0; i < 20; i++) context!.Send(listener, new Number(i));
            },
        });
        _harness.Runtime.RunFor(Second);
        _there.Stop();
        _harness.Runtime.RunFor(10 * Second);
        said.Select(entry => ((Number)entry.Message).Value).ShouldBe(Enumerable.Range(0, 20));
        _ended.ShouldHaveSingleItem().Kind.ShouldBe(ProcessEndKind.Stopped);
        _here.IsConnectedTo("there").ShouldBeFalse();
    }

    [Fact]
    public void A_short_pause_delays_and_loses_nothing()
    {
        var ticks = new List<TimeSpan>();
        _there.Spawn("ticking", () => new TestActor
        {
            OnStarted = context => context.Schedule(Second / 2, new Go()),
            OnMessage = (_, _) => ticks.Add(_harness.Runtime.Elapsed - _begun),
        });
        _harness.Runtime.RunFor(TimeSpan.Zero);
        _there.Pause();
        Say(_here, "sender", _actor, new Number(1), new Number(2));
        _harness.Runtime.RunFor(Soonest);
        (_heard.Count, ticks.Count).ShouldBe((0, 0));
        _there.Resume();
        _harness.Runtime.RunFor(Second);
        _heard.Select(entry => (entry.Message, entry.At - _begun)).ShouldBe([(new Number(1), Soonest), (new Number(2), Soonest)]);
        ticks.ShouldBe([Soonest]);
        _harness.Losses.ShouldBeEmpty();
    }

    [Fact]
    public void A_long_pause_is_taken_for_a_loss_and_the_sleeper_hears_of_it_when_it_wakes()
    {
        var (mine, _) = _harness.Listen(_here, "mine");
        var there = _harness.Watch(_there, "watcher", mine);
        var here = _harness.Watch(_here, "watcher", _actor);
        _harness.Runtime.RunFor(Second);
        _begun = _harness.Runtime.Elapsed;
        _there.Pause();
        _harness.Runtime.RunFor(5 * Second);
        (here.ShouldHaveSingleItem().At - _begun).ShouldBeInRange(Soonest, Timeout);
        there.ShouldBeEmpty();
        _there.Resume();
        _harness.Runtime.RunFor(10 * Second);
        (there.ShouldHaveSingleItem().At - _begun).ShouldBe(5 * Second);

        // The same addresses work again.
        _here.IsConnectedTo("there").ShouldBeTrue();
        Say(_here, "sender", _actor, new Number(1));
        _harness.Runtime.RunFor(Second);
        _heard.Count.ShouldBe(1);
    }

    [Fact]
    public void A_cut_is_noticed_on_both_sides_and_the_same_addresses_work_after_it_is_healed()
    {
        var (mine, _) = _harness.Listen(_here, "mine");
        var (here, there) = (_harness.Watch(_here, "watcher", _actor), _harness.Watch(_there, "watcher", mine));
        _harness.Runtime.RunFor(Second);
        _begun = _harness.Runtime.Elapsed;
        _harness.Cluster.Partition(["here"], ["there"], 10 * Second);
        Say(_here, "sender", _actor, new Number(1));
        _harness.Runtime.RunFor(5 * Second);
        foreach (var side in new[] { here, there })
        {
            (side.ShouldHaveSingleItem().At - _begun).ShouldBeInRange(Soonest, Timeout);
            side[0].Notice.Failure.ShouldBeOfType<NodeLostException>().Message.ShouldEndWith("nothing heard for 2.0 s");
        }

        here[0].At.ShouldNotBe(there[0].At, "each side notices for itself");
        _harness.Runtime.RunFor(15 * Second);
        _heard.ShouldBeEmpty();
        var again = _harness.Watch(_here, "watcher-2", _actor);
        Say(_here, "sender-2", _actor, new Number(2));
        _harness.Runtime.RunFor(Second);
        _heard.Select(entry => entry.Message).ShouldBe([new Number(2)]);
        again.ShouldBeEmpty();
    }

    [Fact]
    public void A_cut_that_is_healed_in_time_delays_and_loses_nothing()
    {
        _harness.Cluster.Partition(["here"], ["there"], Second);
        Say(_here, "sender", _actor, new Number(1), new Number(2));
        _harness.Runtime.RunFor(5 * Second);
        _heard.Select(entry => (entry.Message, entry.At - _begun)).ShouldBe([(new Number(1), Second), (new Number(2), Second)]);
        _harness.Losses.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("here", "there")]
    [InlineData("there", "here")]
    public void In_a_one_way_cut_the_side_that_hears_nothing_notices_and_the_other_hears_of_it(string deafened, string other)
    {
        _harness.Cluster.PartitionOneWay([other], [deafened], 10 * Second);
        _harness.Runtime.RunFor(9 * Second);
        _harness.Losses.Select(loss => loss.By).ShouldBe([deafened, other]);
        _harness.Losses[0].Reason.ShouldEndWith("nothing heard for 2.0 s");
        _harness.Losses[1].Reason.ShouldContain("it has hung up");
        (_harness.Losses[0].At - _begun).ShouldBeInRange(Soonest, Timeout);
        _harness.Losses[1].At.ShouldBe(_harness.Losses[0].At);
        _here.IsConnectedTo("there").ShouldBeFalse();
        _harness.Runtime.RunFor(15 * Second);
        _here.IsConnectedTo("there").ShouldBeTrue();
    }

    [Fact]
    public void A_pause_makes_what_an_actor_computes_take_as_much_longer()
    {
        var harness = new ClusterHarness(policy: new TestPolicy { Cost = (receiver, _) => receiver.Name == "worker" ? 2 * Second : TimeSpan.Zero });
        var (here, there) = (harness.Start("here"), harness.Start("there"));
        harness.Connect(here, there);
        var (listener, heard) = harness.Listen(here, "listener");
        var worker = there.Spawn("worker", () => new TestActor { OnMessage = (message, context) => context.Send(listener, message) });
        Say(here, "sender", worker, new Number(1));
        harness.Runtime.RunFor(Second);
        there.Pause();
        harness.Runtime.RunFor(Second);
        there.Resume();
        harness.Runtime.RunFor(5 * Second);
        heard.ShouldHaveSingleItem().At.ShouldBe(3 * Second);
    }

    [Fact]
    public void What_a_crashed_process_was_still_computing_is_never_sent()
    {
        var harness = new ClusterHarness(policy: new TestPolicy { Cost = (receiver, _) => receiver.Name == "worker" ? 2 * Second : TimeSpan.Zero });
        var (here, there) = (harness.Start("here"), harness.Start("there"));
        harness.Connect(here, there);
        var (listener, heard) = harness.Listen(here, "listener");
        var worker = there.Spawn("worker", () => new TestActor { OnMessage = (message, context) => context.Send(listener, message) });
        Say(here, "sender", worker, new Number(1), new Number(2));
        harness.Runtime.RunFor(3 * Second);
        there.Crash();
        harness.Runtime.RunFor(10 * Second);
        heard.Select(entry => entry.Message).ShouldBe([new Number(1)]);
    }
}
