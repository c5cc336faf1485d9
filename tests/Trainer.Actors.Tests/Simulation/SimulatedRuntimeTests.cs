using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Actors.Tests;

public sealed class SimulatedRuntimeTests
{
    const ulong GoldenGossipHash = 10806355390263669589;

    [Fact]
    public void The_same_seed_gives_the_same_trace() =>
        Check.QuickThrowOnFailure(Prop.ForAll<ulong>(seed => Gossip(seed) == Gossip(seed)));

    [Fact]
    public void Different_seeds_reach_different_interleavings() =>
        Enumerable.Range(0, 100).Select(seed => Gossip((ulong)seed).Hash).Distinct().Count().ShouldBeGreaterThan(90);

    [Fact]
    public void Seeds_reach_every_order_that_keeps_each_sender_in_line()
    {
        var orders = Enumerable.Range(0, 400).Select(seed => Race((ulong)seed)).Distinct().ToList();

        // Two senders with two messages each: 4! / (2! 2!) orders, and none that swaps one sender's own.
        orders.Order(StringComparer.Ordinal).ShouldBe(["a0 a1 b0 b1", "a0 b0 a1 b1", "a0 b0 b1 a1", "b0 a0 a1 b1", "b0 a0 b1 a1", "b0 b1 a0 a1"]);
    }

    [Fact]
    public void A_trace_is_the_same_in_every_process() =>
        Gossip(42).Hash.ShouldBe(GoldenGossipHash, "a recorded seed no longer replays: if that is meant, record the new hash");

    [Fact]
    public void Virtual_time_jumps_to_the_next_timer()
    {
        var runtime = new SimulatedRuntime(1);
        var rung = new List<TimeSpan>();
        runtime.Spawn("sleeper", () => new TestActor
        {
            OnStarted = context => context.Schedule(TimeSpan.FromDays(30), new Go()),
            OnMessage = (_, context) => rung.Add(context.Elapsed),
        });
        Should.Throw<SimulationException>(() => runtime.RunUntilIdle()).Message.ShouldStartWith("not idle within 1.00:00:00 (seed 1, at 0 s)");
        runtime.RunFor(TimeSpan.FromDays(1));
        runtime.Elapsed.ShouldBe(TimeSpan.FromDays(1));
        runtime.RunUntilIdle(TimeSpan.FromDays(60));
        rung.ShouldBe([TimeSpan.FromDays(30)]);
        runtime.Elapsed.ShouldBe(TimeSpan.FromDays(30));
        runtime.Now.ShouldBe(new DateTimeOffset(2000, 1, 31, 0, 0, 0, TimeSpan.Zero));
        runtime.Step().ShouldBeFalse();
    }

    [Fact]
    public void A_timer_taken_back_does_not_move_the_clock()
    {
        var runtime = new SimulatedRuntime(1);
        runtime.Spawn("actor", () => new TestActor { OnStarted = context => context.Schedule(TimeSpan.FromHours(1), new Go()).Dispose() });
        runtime.RunUntilIdle();
        runtime.Elapsed.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void A_condition_that_does_not_come_to_hold_ends_with_the_seed_and_the_tail_of_the_trace()
    {
        var runtime = new SimulatedRuntime(5);
        runtime.Spawn("clock", Ticking);
        var problem = Should.Throw<SimulationException>(() => runtime.RunUntil(() => false, TimeSpan.FromSeconds(10))).Message;
        problem.ShouldStartWith("the condition did not hold within 00:00:10 (seed 5, at 10 s)");
        problem.ShouldContain("10.000000 s  timer    /clock -> /clock  Go");
    }

    [Fact]
    public void A_condition_that_cannot_come_to_hold_ends_at_once() =>
        Should.Throw<SimulationException>(() => new SimulatedRuntime(5).RunUntil(() => false, TimeSpan.FromDays(10)))
            .Message.ShouldStartWith("nothing is left to do");

    [Fact]
    public void A_condition_is_met_at_the_earliest_moment()
    {
        var runtime = new SimulatedRuntime(5);
        runtime.Spawn("clock", Ticking);
        runtime.RunUntil(() => runtime.Elapsed >= TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(10));
        runtime.Elapsed.ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void An_actor_that_awaits_something_real_is_refused_by_name()
    {
        var runtime = new SimulatedRuntime(1);
        runtime.Send(runtime.Spawn("waiter", () => new WaitingActor()), new Go());
        Should.Throw<SimulationException>(() => runtime.RunUntilIdle()).Message.ShouldStartWith("/waiter did not complete Go at once");
    }

    [Fact]
    public void Actors_that_send_in_circles_are_found_out()
    {
        var runtime = new SimulatedRuntime(1) { MaxStepsPerInstant = 1000 };
        var actor = runtime.Spawn("echo", () => new TestActor { OnMessage = (message, context) => context.Send(context.Self, message) });
        runtime.Send(actor, new Go());
        Should.Throw<SimulationException>(() => runtime.RunFor(TimeSpan.FromSeconds(1))).Message.ShouldStartWith("1000 steps without time passing");
    }

    static IActor Ticking() => new TestActor
    {
        OnStarted = context => context.Schedule(TimeSpan.FromSeconds(1), new Go()),
        OnMessage = (message, context) => context.Schedule(TimeSpan.FromSeconds(1), message),
    };

    /// <summary>Five actors that pass numbers on at random, with timers.</summary>
    static (ulong Hash, TimeSpan Elapsed) Gossip(ulong seed)
    {
        var runtime = new SimulatedRuntime(seed);
        var peers = new List<ActorRef>();
        for (var i = 0; i < 5; i++)
        {
            peers.Add(runtime.Spawn($"peer-{i}", () => new TestActor
            {
                OnMessage = (message, context) =>
                {
                    if (message is not Number { Value: > 0 } number) return;
                    var next = new Number(number.Value - 1);
                    if (context.Random.Next(3) == 0) context.Schedule(TimeSpan.FromMilliseconds(context.Random.Next(100)), next);
                    else context.Send(peers[context.Random.Next(peers.Count)], next);
                },
            }));
        }

        foreach (var peer in peers) runtime.Send(peer, new Number(10));
        runtime.RunUntilIdle();
        return (runtime.TraceHash, runtime.Elapsed);
    }

    static string Race(ulong seed)
    {
        var runtime = new SimulatedRuntime(seed);
        var seen = new List<string>();
        var receiver = runtime.Spawn("receiver", () => new TestActor { OnMessage = (message, _) => seen.Add(((Tagged)message).Sender + ((Tagged)message).Value) });
        foreach (var name in new[] { "a", "b" })
        {
            runtime.Spawn(name, () => new TestActor
            {
                OnStarted = context =>
                {
                    for (var i = 0; i < 2; i++) context.Send(receiver, new Tagged(name, i));
                },
            });
        }

        runtime.RunUntilIdle();
        return string.Join(' ', seen);
    }

    sealed class WaitingActor : IActor
    {
        public async ValueTask ReceiveAsync(Message message, IActorContext context) => await new TaskCompletionSource().Task;
    }
}
