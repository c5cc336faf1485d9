namespace LstmCluster.Actors.Tests;

public sealed class SimulatedKillTests
{
    readonly List<Message> _heard = [];

    [Fact]
    public void A_killed_actor_and_its_children_handle_nothing_more_and_watchers_hear_of_the_crash()
    {
        using var pool = new PayloadPool();
        var payload = pool.Rent<float>(1);
        var runtime = new SimulatedRuntime(3);
        var handled = 0;
        ActorRef? child = null;
        var victim = runtime.Spawn("victim", () => new TestActor
        {
            OnStarted = context => child = context.Spawn("child", () => new TestActor { OnMessage = (_, _) => handled++ }),
            OnMessage = (_, _) => handled++,
        });
        Watcher(runtime, victim);
        runtime.RunUntilIdle();
        runtime.Send(victim, new Loaded(payload.Retain()));
        runtime.Send(child!, new Loaded(payload.Retain()));
        runtime.Kill(victim);
        runtime.RunUntilIdle();
        handled.ShouldBe(0);
        payload.References.ShouldBe(1);
        var notice = _heard.ShouldHaveSingleItem().ShouldBeOfType<Terminated>();
        notice.Actor.ShouldBe(victim);
        notice.Failure.ShouldBeOfType<KilledException>().Message.ShouldBe("/victim was killed");
        payload.Release();
    }

    [Fact]
    public void A_killed_actor_says_no_goodbye()
    {
        var runtime = new SimulatedRuntime(3);
        var listener = runtime.Spawn("listener", () => new TestActor { OnMessage = (message, _) => _heard.Add(message) });
        var disposed = 0;
        IActorContext? context = null;
        IActor Polite() => new TestActor
        {
            OnStarted = own => context = own,
            OnDisposed = () =>
            {
                disposed++;
                context!.Send(listener, new Number(1));
            },
        };
        runtime.Spawn("stopped", Polite);
        runtime.RunUntilIdle();
        runtime.Spawn("stopper", () => new TestActor { OnStarted = own => own.Stop(context!.Self) });
        runtime.RunUntilIdle();
        _heard.ShouldBe([new Number(1)]);
        var victim = runtime.Spawn("killed", Polite);
        runtime.RunUntilIdle();
        runtime.Kill(victim);
        runtime.RunUntilIdle();
        disposed.ShouldBe(2);
        _heard.Count.ShouldBe(1);
    }

    [Fact]
    public void What_a_killed_actor_was_still_computing_is_never_sent()
    {
        var runtime = new SimulatedRuntime(3, new TestPolicy { Cost = (receiver, _) => receiver.Name == "worker" ? TimeSpan.FromSeconds(2) : TimeSpan.Zero });
        var listener = runtime.Spawn("listener", () => new TestActor { OnMessage = (message, _) => _heard.Add(message) });
        var worker = runtime.Spawn("worker", () => new TestActor { OnMessage = (message, context) => context.Send(listener, message) });
        runtime.Send(worker, new Number(1));
        runtime.Send(worker, new Number(2));
        runtime.RunFor(TimeSpan.FromSeconds(3));
        runtime.Kill(worker);
        runtime.RunUntilIdle();
        _heard.ShouldBe([new Number(1)]);
    }

    void Watcher(SimulatedRuntime runtime, ActorRef actor) => runtime.Spawn("watcher", () => new TestActor
    {
        OnStarted = context => context.Watch(actor),
        OnMessage = (message, _) => _heard.Add(message),
    });
}
