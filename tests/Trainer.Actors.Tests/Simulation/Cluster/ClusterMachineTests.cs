using static LstmCluster.Actors.Tests.ClusterHarness;

namespace LstmCluster.Actors.Tests;

/// <summary>Clocks, speed and links of single machines.</summary>
public sealed class ClusterMachineTests : IAsyncLifetime
{
    readonly ClusterHarness _harness = new(
        options: new ClusterOptions { BytesOf = message => message is Number number ? number.Value : 0, UrgentBytes = 100 },
        policy: new TestPolicy { Cost = (receiver, _) => receiver.Name == "worker" ? Second : TimeSpan.Zero });

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    [Theory]
    [InlineData(0.25, 8)]
    [InlineData(0.0, 10)]
    [InlineData(-0.5, 20)]
    public void A_clock_that_runs_fast_fires_timers_early_and_one_that_runs_slow_late(double drift, double rings)
    {
        var process = _harness.Start("p", new ProcessOptions { ClockDrift = drift });
        var rung = new List<(double True, double Local)>();
        process.Spawn("actor", () => new TestActor
        {
            OnStarted = context => context.Schedule(10 * Second, new Go()),
            OnMessage = (_, context) => rung.Add((_harness.Runtime.Elapsed.TotalSeconds, context.Elapsed.TotalSeconds)),
        });
        _harness.Runtime.RunFor(30 * Second);
        rung.ShouldBe([(rings, 10.0)]);
    }

    [Fact]
    public void The_time_of_a_process_starts_with_it_and_its_date_is_its_own()
    {
        _harness.Runtime.RunFor(100 * Second);
        var process = _harness.Start("p", new ProcessOptions { ClockOffset = -60 * Second, ClockDrift = 0.5 });
        _harness.Runtime.RunFor(10 * Second);
        process.Elapsed.ShouldBe(15 * Second);
        process.Now.ShouldBe(_harness.Runtime.Now - (60 * Second) + (5 * Second));
        process.PaceClock(0);
        process.StepClock(3600 * Second);
        _harness.Runtime.RunFor(10 * Second);
        process.Elapsed.ShouldBe(25 * Second);
        process.Now.ShouldBe(_harness.Runtime.Now + (3545 * Second));
    }

    [Fact]
    public void A_timer_is_never_early_by_the_clock_of_its_process()
    {
        var process = _harness.Start("p", new ProcessOptions { ClockDrift = 1.0 / 3 });
        var random = new Random(1);
        var early = 0;
        process.Spawn("actor", () => new TestActor
        {
            OnStarted = context =>
            {
                for (var i = 0; i < 1000; i++)
                {
                    var due = new TimeSpan(random.Next(1, 100_000));
                    context.Schedule(due, new Number((int)(context.Elapsed + due).Ticks));
                }
            },
            OnMessage = (message, context) => early += context.Elapsed.Ticks < ((Number)message).Value ? 1 : 0,
        });
        _harness.Runtime.RunUntilIdle();
        early.ShouldBe(0);
    }

    [Fact]
    public void A_slow_process_takes_its_times_as_long_for_a_message()
    {
        var process = _harness.Start("p", new ProcessOptions { CostFactor = 3 });
        var other = _harness.Start("q");
        _harness.Connect(process, other);
        var (listener, heard) = _harness.Listen(other, "listener");
        var worker = process.Spawn("worker", () => new TestActor { OnMessage = (message, context) => context.Send(listener, message) });
        Say(process, "sender", worker, new Number(1), new Number(2));
        _harness.Runtime.RunFor(10 * Second);
        process.CostFactor = 1;
        Say(process, "sender-2", worker, new Number(3));
        _harness.Runtime.RunFor(10 * Second);
        heard.ShouldBe([(new Number(1), 3 * Second), (new Number(2), 6 * Second), (new Number(3), 11 * Second)]);
    }

    [Fact]
    public void Messages_queue_at_the_link_of_their_sender()
    {
        var (from, a, b) = Three(1000, double.PositiveInfinity);
        Say(from, "sender", a.Actor, new Number(1000), new Number(2000));
        Say(from, "sender-2", b.Actor, new Number(500));
        _harness.Runtime.RunFor(10 * Second);
        var all = a.Heard.Concat(b.Heard).ToList();
        all.Max(entry => entry.At).ShouldBe(3.5 * Second);
        (a.Heard[1].At - a.Heard[0].At).ShouldBeGreaterThanOrEqualTo(2 * Second);
        a.Heard.Select(entry => ((Number)entry.Message).Value).ShouldBe([1000, 2000]);
    }

    [Fact]
    public void Messages_queue_at_the_link_of_their_receiver()
    {
        _harness.Cluster.Faults = new NetworkFaults { Latency = new LinkLatency { Minimum = 100 * Millisecond } };
        var to = _harness.Start("to", new ProcessOptions { BytesPerSecond = 1000 });
        var (actor, heard) = _harness.Listen(to, "actor");
        foreach (var name in new[] { "a", "b", "c" })
        {
            var from = _harness.Start(name);
            _harness.Connect(from, to);
        }

        _harness.Runtime.RunFor(Second);
        var begun = _harness.Runtime.Elapsed;
        foreach (var from in _harness.Cluster.Processes.Where(process => process != to)) Say(from, "sender", actor, new Number(1000));
        _harness.Runtime.RunFor(10 * Second);
        heard.Select(entry => (entry.At - begun).TotalSeconds).ShouldBe([1.1, 2.1, 3.1]);
    }

    [Fact]
    public void The_slower_of_both_links_counts_and_their_times_do_not_add_up()
    {
        _harness.Cluster.Faults = new NetworkFaults { Latency = new LinkLatency { Minimum = 100 * Millisecond } };
        var (from, a, _) = Three(1000, 2000);
        var begun = _harness.Runtime.Elapsed;
        Say(from, "sender", a.Actor, new Number(1000));
        _harness.Runtime.RunFor(10 * Second);
        (a.Heard.ShouldHaveSingleItem().At - begun).TotalSeconds.ShouldBe(1.1);
        from.BytesPerSecond = 4000;
        begun = _harness.Runtime.Elapsed;
        Say(from, "sender-2", a.Actor, new Number(1000));
        _harness.Runtime.RunFor(10 * Second);
        (a.Heard[1].At - begun).TotalSeconds.ShouldBe(0.6);
    }

    [Fact]
    public void A_small_message_passes_by_a_large_one_unless_the_same_actor_sent_both_to_the_same()
    {
        var (from, a, _) = Three(1000, 1000);
        Say(from, "sender", a.Actor, new Number(5000), new Number(1));
        Say(from, "sender-2", a.Actor, new Number(10));
        var begun = _harness.Runtime.Elapsed;
        _harness.Runtime.RunFor(10 * Second);
        a.Heard.Select(entry => (((Number)entry.Message).Value, (entry.At - begun).TotalSeconds)).ShouldBe([(10, 0.01), (5000, 5.0), (1, 5.0)]);
    }

    [Fact]
    public void What_had_not_left_a_machine_when_it_crashed_never_arrives()
    {
        var (from, a, _) = Three(1000, double.PositiveInfinity);
        Say(from, "sender", a.Actor, new Number(1000), new Number(2000));
        _harness.Runtime.RunFor(1.5 * Second);
        from.Crash(unplugged: true);
        _harness.Runtime.RunFor(10 * Second);
        a.Heard.Select(entry => entry.Message).ShouldBe([new Number(1000)]);
        _harness.Cluster.Statistics.Lost.ShouldBe(1);
    }

    (SimulatedProcess From, (ActorRef Actor, List<(Message Message, TimeSpan At)> Heard) A, (ActorRef Actor, List<(Message Message, TimeSpan At)> Heard) B) Three(
        double sending, double receiving)
    {
        var from = _harness.Start("from", new ProcessOptions { BytesPerSecond = sending });
        var (a, b) = (_harness.Start("a", new ProcessOptions { BytesPerSecond = receiving }), _harness.Start("b", new ProcessOptions { BytesPerSecond = receiving }));
        _harness.Connect(from, a);
        _harness.Connect(from, b);
        return (from, _harness.Listen(a, "actor"), _harness.Listen(b, "actor"));
    }
}
