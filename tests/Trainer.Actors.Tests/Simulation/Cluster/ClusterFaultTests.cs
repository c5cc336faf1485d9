using static LstmCluster.Actors.Tests.ClusterHarness;

namespace LstmCluster.Actors.Tests;

public sealed class ClusterFaultTests : IDisposable
{
    readonly PayloadPool _pool = new();

    public void Dispose() => _pool.Dispose();

    [Fact]
    public async Task Lost_and_doubled_messages_release_their_payloads_exactly_once_each()
    {
        await using var harness = Connected(out var here, out var there);
        harness.Cluster.Faults = new NetworkFaults { Loss = 0.3, Duplication = 0.3, Reordering = 0.3 };
        var received = 0;
        var actor = there.Spawn("actor", () => new TestActor
        {
            OnMessage = (message, _) =>
            {
                received++;
                message.Release();
            },
        });
        Say(here, "sender", actor, [.. Enumerable.Range(0, 200).Select(_ => new Loaded(_pool.Rent<float>(8)))]);
        harness.Runtime.RunFor(10 * Second);
        var statistics = harness.Cluster.Statistics;
        (statistics.Sent, statistics.Delivered).ShouldBe((200, received));
        statistics.Lost.ShouldBeInRange(30, 90);
        statistics.Copied.ShouldBeInRange(30, 90);
        received.ShouldBe((int)(200 - statistics.Lost + statistics.Copied));
        _pool.Rented.ShouldBe(0);
    }

    [Fact]
    public async Task Reordered_messages_arrive_out_of_line_and_all_of_them_arrive()
    {
        await using var harness = Connected(out var here, out var there);
        harness.Cluster.Faults = new NetworkFaults { Reordering = 0.5 };
        var (actor, heard) = harness.Listen(there, "actor");
        Say(here, "sender", actor, [.. Enumerable.Range(0, 100).Select(i => new Number(i))]);
        harness.Runtime.RunFor(10 * Second);
        var values = heard.Select(entry => ((Number)entry.Message).Value).ToList();
        values.Order().ShouldBe(Enumerable.Range(0, 100));
        values.ShouldNotBe(Enumerable.Range(0, 100));
    }

    [Fact]
    public async Task Messages_within_a_process_never_meet_the_network()
    {
        await using var harness = Connected(out var here, out _);
        harness.Cluster.Faults = new NetworkFaults
        {
            Loss = 1,
            Duplication = 1,
            Reordering = 1,
            Latency = new LinkLatency { Minimum = Second },
        };
        var (actor, heard) = harness.Listen(here, "actor");
        Say(here, "sender", actor, new Number(1), new Number(2));
        var begun = harness.Runtime.Elapsed;
        harness.Runtime.RunFor(Second);
        heard.ShouldBe([(new Number(1), begun), (new Number(2), begun)]);
        harness.Cluster.Statistics.Sent.ShouldBe(0);
    }

    [Fact]
    public async Task Latency_has_its_minimum_its_mean_and_its_spikes()
    {
        await using var harness = Connected(out var here, out var there);
        var (actor, heard) = harness.Listen(there, "actor", new ActorOptions { MailboxCapacity = 10_000 });
        var latency = new LinkLatency { Minimum = 10 * Millisecond, Jitter = 2 * Millisecond };
        harness.Cluster.Faults = new NetworkFaults { Latency = latency, Reordering = 1, Straggling = TimeSpan.Zero };
        var calm = Spans();
        calm.Min().ShouldBeInRange(10, 10.1);
        calm.Average().ShouldBeInRange(11.6, 12.4);
        harness.Cluster.Faults = harness.Cluster.Faults with { Latency = latency with { SpikeProbability = 0.1, Spike = Second } };
        Spans().Count(span => span > 100).ShouldBeInRange(200, 500);

        List<double> Spans()
        {
            heard.Clear();
            var begun = harness.Runtime.Elapsed;
            Say(here, $"sender-{begun.Ticks}", actor, [.. Enumerable.Range(0, 4000).Select(i => new Number(i))]);
            harness.Runtime.RunFor(10 * Second);
            return [.. heard.Select(entry => (entry.At - begun).TotalMilliseconds)];
        }
    }

    [Fact]
    public async Task A_policy_of_the_runtime_decides_about_messages_between_processes_too()
    {
        await using var harness = new ClusterHarness(policy: new TestPolicy { Decide = message => message is Number { Value: 1 } ? Delivery.Lost : new Delivery(Second) });
        var (here, there) = (harness.Start("here"), harness.Start("there"));
        harness.Connect(here, there);
        var (actor, heard) = harness.Listen(there, "actor");
        Say(here, "sender", actor, new Number(1), new Number(2));
        harness.Runtime.RunFor(5 * Second);
        heard.ShouldBe([(new Number(2), Second)]);
    }

    [Fact]
    public void Only_messages_that_release_nothing_are_shared_by_a_copy()
    {
        var payload = _pool.Rent<float>(1);
        MessageCopy.WithoutPayloads(new Number(3)).ShouldBe(new Number(3));
        MessageCopy.WithoutPayloads(new Loaded(payload)).ShouldBeNull();
        payload.Release();
    }

    [Fact]
    public async Task Parameters_out_of_their_range_are_refused()
    {
        await using var harness = Connected(out var here, out _);
        Should.Throw<ArgumentOutOfRangeException>(() => harness.Cluster.Faults = new NetworkFaults { Loss = 1.5 }).Message.ShouldContain("a probability");
        Should.Throw<ArgumentOutOfRangeException>(() => harness.Cluster.Faults = new NetworkFaults { Straggling = -Second });
        Should.Throw<ArgumentOutOfRangeException>(() => here.CostFactor = -1);
        Should.Throw<ArgumentOutOfRangeException>(() => here.BytesPerSecond = 0);
        Should.Throw<ArgumentOutOfRangeException>(() => here.PaceClock(-1));
        Should.Throw<InvalidOperationException>(() => harness.Start("here")).Message.ShouldContain("called here already");
        Should.Throw<InvalidOperationException>(() => here.Connect("there")).Message.ShouldContain("already");
        Should.Throw<InvalidOperationException>(() => new SimulatedCluster(harness.Runtime)).Message.ShouldContain("one cluster");
    }

    static ClusterHarness Connected(out SimulatedProcess here, out SimulatedProcess there)
    {
        var harness = new ClusterHarness(options: new ClusterOptions
        {
            Copy = message => message is Loaded loaded ? new Loaded(loaded.Payload.Retain()) : message,
        });
        (here, there) = (harness.Start("here"), harness.Start("there"));
        harness.Connect(here, there);
        return harness;
    }
}
