namespace LstmCluster.Actors.Tests;

public sealed class DeliveryPolicyTests
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    readonly List<(int Value, TimeSpan At)> _seen = [];

    [Fact]
    public void A_lost_message_never_arrives_and_is_released()
    {
        using var pool = new PayloadPool();
        var payload = pool.Rent<float>(1).Retain();
        var runtime = Receiving(message => message is Loaded ? Delivery.Lost : Delivery.Immediate, out var receiver);
        runtime.Send(receiver, new Loaded(payload));
        runtime.Send(receiver, new Number(1));
        runtime.RunUntilIdle();
        Values().ShouldBe([1]);
        payload.References.ShouldBe(1);
        payload.Release();
    }

    [Fact]
    public void A_delayed_message_holds_back_the_later_ones_of_its_sender()
    {
        var runtime = Receiving(message => new Delivery(message is Number { Value: 1 } ? 5 * Second : Second), out var receiver);
        runtime.Send(receiver, new Number(1));
        runtime.Send(receiver, new Number(2));
        runtime.RunUntilIdle();
        _seen.ShouldBe([(1, 5 * Second), (2, 5 * Second)]);
    }

    [Fact]
    public void A_message_that_may_overtake_does()
    {
        var runtime = Receiving(message => new Delivery(message is Number { Value: 1 } ? 5 * Second : Second) { MayOvertake = true }, out var receiver);
        runtime.Send(receiver, new Number(1));
        runtime.Send(receiver, new Number(2));
        runtime.RunUntilIdle();
        _seen.ShouldBe([(2, Second), (1, 5 * Second)]);
    }

    [Fact]
    public void A_copy_arrives_as_well()
    {
        var runtime = Receiving(_ => new Delivery(Second) { Copy = new Number(-1), CopyDelay = 3 * Second }, out var receiver);
        runtime.Send(receiver, new Number(1));
        runtime.RunUntilIdle();
        _seen.ShouldBe([(1, Second), (-1, 3 * Second)]);
    }

    [Fact]
    public void A_copy_without_room_is_lost_and_released()
    {
        using var pool = new PayloadPool();
        var payload = pool.Rent<float>(1).Retain();
        var runtime = Receiving(_ => new Delivery(Second) { Copy = new Loaded(payload) }, out var receiver, capacity: 1);
        runtime.Send(receiver, new Number(1));
        runtime.RunUntilIdle();
        Values().ShouldBe([1]);
        payload.References.ShouldBe(1);
        payload.Release();
    }

    [Fact]
    public void A_message_on_its_way_takes_room_in_the_mailbox()
    {
        var runtime = Receiving(_ => new Delivery(Second), out var receiver, capacity: 1);
        runtime.Send(receiver, new Number(1));
        Should.Throw<MailboxFullException>(() => runtime.Send(receiver, new Number(2)));
        runtime.RunUntilIdle();
        runtime.Send(receiver, new Number(3));
        runtime.RunUntilIdle();
        Values().ShouldBe([1, 3]);
    }

    [Fact]
    public async Task A_message_on_its_way_to_an_actor_that_stops_is_released()
    {
        using var pool = new PayloadPool();
        var payload = pool.Rent<float>(1).Retain();
        var runtime = Receiving(_ => new Delivery(Second), out var receiver);
        runtime.Send(receiver, new Loaded(payload));
        await runtime.DisposeAsync();
        payload.References.ShouldBe(1);
        payload.Release();
    }

    [Fact]
    public void A_cost_keeps_the_actor_busy_and_delays_what_it_sends()
    {
        var policy = new TestPolicy { Cost = (receiver, _) => receiver.Name == "worker" ? 2 * Second : TimeSpan.Zero };
        var runtime = new SimulatedRuntime(1, policy);
        var receiver = runtime.Spawn("receiver", Receiver);
        var worker = runtime.Spawn("worker", () => new TestActor { OnMessage = (message, context) => context.Send(receiver, message) });
        runtime.Send(worker, new Number(1));
        runtime.Send(worker, new Number(2));
        runtime.RunUntilIdle();
        _seen.ShouldBe([(1, 2 * Second), (2, 4 * Second)]);
    }

    [Fact]
    public async Task A_timer_that_finds_the_mailbox_full_fails_the_actor_that_set_it()
    {
        var runtime = new SimulatedRuntime(1, new TestPolicy { Cost = (_, _) => 10 * Second });
        var actor = runtime.Spawn("actor", () => new TestActor { OnStarted = context => context.Schedule(Second, new Go()) },
            new ActorOptions { MailboxCapacity = 1, Supervision = Supervision.EscalateOnFailure });
        runtime.Send(actor, new Number(1));
        runtime.RunUntil(() => runtime.TraceTail.Any(line => line.EndsWith("Number", StringComparison.Ordinal)), Second);
        runtime.Send(actor, new Number(2));
        runtime.RunUntilIdle();
        runtime.Failure.IsCompletedSuccessfully.ShouldBeTrue();
        (await runtime.Failure).ShouldBeOfType<MailboxFullException>();
    }

    SimulatedRuntime Receiving(Func<Message, Delivery> decide, out ActorRef receiver, int capacity = 16)
    {
        var runtime = new SimulatedRuntime(1, new TestPolicy { Decide = decide });
        receiver = runtime.Spawn("receiver", Receiver, new ActorOptions { MailboxCapacity = capacity });
        return runtime;
    }

    TestActor Receiver() => new() { OnMessage = (message, context) => _seen.Add((((Number)message).Value, context.Elapsed)) };

    IEnumerable<int> Values() => _seen.Select(entry => entry.Value);
}
