using System.Collections.Concurrent;

namespace LstmCluster.Actors.Tests;

/// <summary>What every runtime promises about messages.</summary>
public abstract class MailboxContract(RuntimeHarness harness) : RuntimeContract(harness)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_of_each_sender_arrive_in_order_and_one_at_a_time(bool ownThread)
    {
        const int senders = 8, each = 500;
        var inside = 0;
        var overlaps = 0;
        var seen = new List<Tagged>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var receiver = Runtime.Spawn("receiver", () => new TestActor
        {
            OnMessage = (message, _) =>
            {
                if (Interlocked.Increment(ref inside) != 1) overlaps++;
                seen.Add((Tagged)message);
                if (seen.Count == senders * each) done.SetResult();
                Interlocked.Decrement(ref inside);
            },
        }, new ActorOptions { MailboxCapacity = senders * each, OwnThread = ownThread });
        foreach (var sender in Enumerable.Range(0, senders).Select(i => $"sender-{i}"))
        {
            var actor = Runtime.Spawn(sender, () => new TestActor
            {
                OnMessage = (_, context) =>
                {
                    for (var i = 0; i < each; i++) context.Send(receiver, new Tagged(sender, i));
                },
            });
            Runtime.Send(actor, new Go());
        }

        await Harness.Reach(done.Task);
        overlaps.ShouldBe(0);
        foreach (var lane in seen.GroupBy(message => message.Sender)) lane.Select(message => message.Value).ShouldBe(Enumerable.Range(0, each));
    }

    [Fact]
    public async Task A_full_mailbox_refuses_one_more_message_and_releases_it()
    {
        using var pool = new PayloadPool();
        var payload = pool.Rent<float>(4).Retain();
        MailboxFullException? refused = null;
        var filler = Runtime.Spawn("filler", () => new TestActor
        {
            OnMessage = (_, context) =>
            {
                for (var i = 0; i < 3; i++) context.Send(context.Self, new Number(i));
                refused = Should.Throw<MailboxFullException>(() => context.Send(context.Self, new Loaded(payload)));
                context.Stop(context.Self);
            },
        }, new ActorOptions { MailboxCapacity = 3 });
        Runtime.Send(filler, new Go());
        await Harness.Gone(filler);
        refused.ShouldNotBeNull().Message.ShouldBe("the mailbox of /filler is full (3 messages)");
        payload.References.ShouldBe(1);
        payload.Release();
    }

    [Fact]
    public async Task A_full_mailbox_still_takes_the_stop_of_its_actor()
    {
        var handled = 0;
        var actor = Runtime.Spawn("actor", () => new TestActor
        {
            OnMessage = (_, context) =>
            {
                handled++;
                for (var i = 0; i < 4; i++) context.Send(context.Self, new Number(i));
                context.Stop(context.Self);
            },
        }, new ActorOptions { MailboxCapacity = 4 });
        Runtime.Send(actor, new Go());
        await Harness.Gone(actor);
        handled.ShouldBe(1);
        Harness.Observer.DeadLetters.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_stopping_actor_releases_what_its_mailbox_holds()
    {
        using var pool = new PayloadPool();
        var payload = pool.Rent<float>(4);
        var actor = Runtime.Spawn("actor", () => new TestActor
        {
            OnMessage = (_, context) =>
            {
                for (var i = 0; i < 5; i++) context.Send(context.Self, new Loaded(payload.Retain()));
                context.Schedule(TimeSpan.FromHours(1), new Loaded(payload.Retain()));
                payload.References.ShouldBe(7);
                context.Stop(context.Self);
            },
        });
        Runtime.Send(actor, new Go());
        (await Harness.Gone(actor)).Failure.ShouldBeNull();
        payload.References.ShouldBe(1);
        payload.Release();
    }

    [Fact]
    public async Task A_message_to_a_stopped_actor_is_released_and_reported()
    {
        using var pool = new PayloadPool();
        var payload = pool.Rent<float>(4).Retain();
        var actor = Runtime.Spawn("actor", () => new TestActor { OnMessage = (_, context) => context.Stop(context.Self) });
        Runtime.Send(actor, new Go());
        await Harness.Gone(actor);
        var letter = new Loaded(payload);
        Runtime.Send(actor, letter);
        payload.References.ShouldBe(1);
        Harness.Observer.DeadLetters.ShouldHaveSingleItem().ShouldBe((null, actor, letter));
        payload.Release();
    }

    [Fact]
    public async Task An_unhandled_message_is_reported_and_released()
    {
        using var pool = new PayloadPool();
        var payload = pool.Rent<float>(4).Retain();
        var actor = Runtime.Spawn("actor", () => new UninterestedActor());
        var letter = new Loaded(payload);
        Runtime.Send(actor, letter);
        await Harness.Settle(actor);
        payload.References.ShouldBe(1);
        Harness.Observer.UnhandledMessages.ShouldHaveSingleItem().ShouldBe((actor, letter));
        payload.Release();
    }

    [Fact]
    public async Task Disposing_the_runtime_releases_what_was_not_received()
    {
        using var pool = new PayloadPool();
        var payload = pool.Rent<float>(4);
        var actor = Runtime.Spawn("actor", () => new TestActor
        {
            OnMessage = (_, context) => context.Schedule(TimeSpan.FromHours(1), new Loaded(payload.Retain())),
        });
        Runtime.Send(actor, new Go());
        await Harness.Settle(actor);
        payload.References.ShouldBe(2);
        await Runtime.DisposeAsync();
        payload.References.ShouldBe(1);
        payload.Release();
        Should.Throw<ObjectDisposedException>(() => Runtime.Spawn("late", () => new TestActor()));
    }

    [Fact]
    public async Task A_message_that_fails_to_be_released_fails_the_runtime()
    {
        using var pool = new PayloadPool();
        var payload = pool.Rent<float>(4);
        payload.Release();
        var actor = Runtime.Spawn("actor", () => new UninterestedActor());
        Runtime.Send(actor, new Loaded(payload));
        await Harness.Reach(Runtime.Failure);
        (await Runtime.Failure).ShouldBeOfType<InvalidOperationException>().Message.ShouldContain("released more often");
    }

    [Fact]
    public async Task Randomness_depends_on_the_path_and_not_on_the_order_of_use()
    {
        var drawn = new ConcurrentDictionary<string, int[]>();
        IActor Drawing() => new TestActor
        {
            OnStarted = context => drawn[context.Self.Path] = [.. Enumerable.Range(0, 4).Select(_ => context.Random.Next())],
        };
        foreach (var name in new[] { "b", "a" }) await Harness.Settle(Runtime.Spawn(name, Drawing));
        drawn["/a"].ShouldNotBe(drawn["/b"]);
        drawn["/a"].ShouldBe([.. DrawnForSeed1("/a")]);

        static IEnumerable<int> DrawnForSeed1(string path)
        {
            var random = StableHash.RandomFor(1, path);
            return Enumerable.Range(0, 4).Select(_ => random.Next());
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    public void A_name_is_not_empty_and_has_no_slash(string name) =>
        Should.Throw<ArgumentException>(() => Runtime.Spawn(name, () => new TestActor()));

    [Fact]
    public void Two_living_siblings_do_not_share_a_name()
    {
        Runtime.Spawn("twin", () => new TestActor());
        Should.Throw<InvalidOperationException>(() => Runtime.Spawn("twin", () => new TestActor())).Message.ShouldContain("/twin");
    }

    [Fact]
    public void An_address_of_no_runtime_is_refused() =>
        Should.Throw<ArgumentException>(() => Runtime.Send(new StrangeRef(), new Go())).Message.ShouldContain("/elsewhere");

    sealed class UninterestedActor : IActor
    {
        public ValueTask ReceiveAsync(Message message, IActorContext context)
        {
            if (message is not Probe probe) return context.Unhandled(message);
            probe.Reached.SetResult();
            return ValueTask.CompletedTask;
        }
    }

    sealed class StrangeRef : ActorRef
    {
        public override string Path => "/elsewhere";
    }
}

public sealed class ThreadMailboxTests() : MailboxContract(new ThreadHarness());

public sealed class SimulatedMailboxTests() : MailboxContract(new SimulatedHarness());
