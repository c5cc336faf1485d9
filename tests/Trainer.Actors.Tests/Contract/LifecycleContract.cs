using System.Collections.Concurrent;

namespace LstmCluster.Actors.Tests;

/// <summary>What every runtime promises about watching, stopping and timers.</summary>
public abstract class LifecycleContract(RuntimeHarness harness) : RuntimeContract(harness)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_watcher_hears_once_of_a_death_before_and_after_it_asked(bool ownThread)
    {
        var actor = Runtime.Spawn("actor", () => new TestActor { OnMessage = (_, context) => context.Stop(context.Self) }, new ActorOptions { OwnThread = ownThread });
        var heard = new ConcurrentQueue<Message>();
        var early = Runtime.Spawn("early", () => new TestActor
        {
            OnStarted = context =>
            {
                context.Watch(actor);
                context.Watch(actor);
            },
            OnMessage = (message, _) => heard.Enqueue(message),
        });
        await Harness.Settle(early);
        Runtime.Send(actor, new Go());
        var afterwards = await Harness.Gone(actor);
        afterwards.ShouldBe(new Terminated(actor, null));
        (await Harness.Gone(actor)).ShouldBe(afterwards);
        await Harness.Settle(early);
        heard.ShouldBe([afterwards]);
    }

    [Fact]
    public async Task A_name_is_free_again_as_soon_as_a_watcher_hears_of_the_end()
    {
        var respawned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Runtime.Spawn("parent", () => new TestActor
        {
            OnStarted = context =>
            {
                var child = context.Spawn("child", () => new TestActor());
                context.Watch(child);
                context.Stop(child);
            },
            OnMessage = (_, context) => context.Spawn("child", () => new TestActor { OnStarted = _ => respawned.SetResult() }),
        });
        await Harness.Reach(respawned.Task);
    }

    [Fact]
    public async Task Children_stop_before_their_parent()
    {
        var order = new ConcurrentQueue<string>();
        IActor Node(string name, params string[] children) => new TestActor
        {
            OnStarted = context =>
            {
                foreach (var child in children) context.Spawn(child, () => Node($"{name}/{child}", name.Length < 4 ? ["leaf"] : []));
            },
            OnDisposed = () => order.Enqueue(name),
        };
        var root = Runtime.Spawn("top", () => Node("top", "a", "b"));
        await Harness.Settle(root);
        await Runtime.DisposeAsync();
        var stopped = order.ToList();
        stopped.Count.ShouldBe(5);
        stopped[^1].ShouldBe("top");
        stopped.IndexOf("top/a/leaf").ShouldBeLessThan(stopped.IndexOf("top/a"));
        stopped.IndexOf("top/b/leaf").ShouldBeLessThan(stopped.IndexOf("top/b"));
    }

    [Fact]
    public async Task Timers_deliver_in_the_order_they_are_due()
    {
        var seen = new List<(int Value, TimeSpan Elapsed)>();
        var actor = Runtime.Spawn("actor", () => new TestActor
        {
            OnStarted = context =>
            {
                foreach (var seconds in new[] { 3, 1, 2 }) context.Schedule(TimeSpan.FromSeconds(seconds), new Number(seconds));
            },
            OnMessage = (message, context) => seen.Add((((Number)message).Value, context.Elapsed)),
        });
        await Harness.Settle(actor);
        Harness.Advance(TimeSpan.FromSeconds(0.5));
        await Harness.Settle(actor);
        seen.ShouldBeEmpty();
        Harness.Advance(TimeSpan.FromSeconds(0.5));
        await Harness.Settle(actor);
        seen.ShouldBe([(1, TimeSpan.FromSeconds(1))]);
        Harness.Advance(TimeSpan.FromSeconds(2));
        await Harness.Settle(actor);
        seen.Select(entry => entry.Value).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task A_timer_taken_back_is_not_delivered_and_its_message_is_released()
    {
        using var pool = new PayloadPool();
        var payload = pool.Rent<float>(4);
        var delivered = 0;
        IDisposable? timer = null;
        var actor = Runtime.Spawn("actor", () => new TestActor
        {
            OnStarted = context => timer = context.Schedule(TimeSpan.FromSeconds(1), new Loaded(payload.Retain())),
            OnMessage = (message, _) =>
            {
                if (message is Loaded) delivered++;
                timer!.Dispose();
                timer.Dispose();
            },
        });
        Runtime.Send(actor, new Go());
        await Harness.Settle(actor);
        Harness.Advance(TimeSpan.FromSeconds(2));
        await Harness.Settle(actor);
        delivered.ShouldBe(0);
        payload.References.ShouldBe(1);
        payload.Release();
    }

    [Fact]
    public async Task A_delivered_timer_cannot_be_taken_back()
    {
        using var pool = new PayloadPool();
        var payload = pool.Rent<float>(4);
        IDisposable? timer = null;
        var actor = Runtime.Spawn("actor", () => new TestActor
        {
            OnStarted = context => timer = context.Schedule(TimeSpan.FromSeconds(1), new Loaded(payload)),
            OnMessage = (_, _) => timer!.Dispose(),
        });
        await Harness.Settle(actor);
        Harness.Advance(TimeSpan.FromSeconds(1));
        await Harness.Settle(actor);
        payload.References.ShouldBe(1);
        payload.Release();
    }

    [Fact]
    public async Task A_negative_delay_is_refused()
    {
        var actor = Runtime.Spawn("actor", () => new TestActor { OnStarted = context => context.Schedule(TimeSpan.FromTicks(-1), new Go()) });
        (await Harness.Gone(actor)).Failure.ShouldBeOfType<ArgumentOutOfRangeException>();
    }

    [Fact]
    public async Task Now_and_elapsed_follow_the_clock()
    {
        var moments = new List<(DateTimeOffset Now, TimeSpan Elapsed)>();
        var actor = Runtime.Spawn("actor", () => new TestActor { OnMessage = (_, context) => moments.Add((context.Now, context.Elapsed)) });
        Runtime.Send(actor, new Go());
        await Harness.Settle(actor);
        Harness.Advance(TimeSpan.FromMinutes(5));
        Runtime.Send(actor, new Go());
        await Harness.Settle(actor);
        (moments[1].Now - moments[0].Now).ShouldBe(TimeSpan.FromMinutes(5));
        moments.Select(moment => moment.Elapsed).ShouldBe([TimeSpan.Zero, TimeSpan.FromMinutes(5)]);
    }
}

public sealed class ThreadLifecycleTests() : LifecycleContract(new ThreadHarness());

public sealed class SimulatedLifecycleTests() : LifecycleContract(new SimulatedHarness());
