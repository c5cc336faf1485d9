namespace LstmCluster.Actors.Tests;

/// <summary>What every runtime promises about failures.</summary>
public abstract class SupervisionContract(RuntimeHarness harness) : RuntimeContract(harness)
{
    [Fact]
    public async Task Resume_drops_the_message_and_keeps_the_state()
    {
        var made = 0;
        var seen = new List<int>();
        var actor = Runtime.Spawn("actor", () => Counting(ref made, seen), Supervised(new Supervision(_ => Directive.Resume, 0, TimeSpan.Zero)));
        Runtime.Send(actor, new Number(1));
        Runtime.Send(actor, new Fail("once"));
        Runtime.Send(actor, new Number(2));
        await Harness.Settle(actor);
        made.ShouldBe(1);
        seen.ShouldBe([1, 2]);
        Harness.Observer.Failures.ShouldHaveSingleItem().Directive.ShouldBe(Directive.Resume);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Restart_disposes_the_actor_and_makes_it_anew_with_the_same_mailbox(bool ownThread)
    {
        var life = new List<string>();
        var made = 0;
        var actor = Runtime.Spawn("actor", () =>
        {
            var generation = ++made;
            return new TestActor
            {
                OnStarted = _ => life.Add($"started {generation}"),
                OnMessage = (message, _) => life.Add($"{generation} got {((Number)message).Value}"),
                OnDisposed = () => life.Add($"disposed {generation}"),
            };
        }, Supervised(Supervision.RestartOnFailure(1, TimeSpan.MaxValue)) with { OwnThread = ownThread });
        Runtime.Send(actor, new Number(1));
        Runtime.Send(actor, new Fail("once"));
        Runtime.Send(actor, new Number(2));
        await Harness.Settle(actor);
        life.ShouldBe(["started 1", "1 got 1", "disposed 1", "started 2", "2 got 2"]);
        Harness.Observer.Restarts.ShouldHaveSingleItem().ShouldBe((actor, 1));
    }

    [Fact]
    public async Task Restart_ends_the_children_the_timers_and_the_watches_of_the_old_actor()
    {
        var made = 0;
        var childrenGone = 0;
        var heard = new List<Message>();
        var actor = Runtime.Spawn("parent", () => new TestActor
        {
            OnStarted = context =>
            {
                made++;
                context.Schedule(TimeSpan.FromSeconds(1), new Number(made));
                context.Watch(context.Spawn("child", () => new TestActor { OnDisposed = () => childrenGone++ }));
            },
            OnMessage = (message, _) => heard.Add(message),
        }, Supervised(Supervision.RestartOnFailure(1, TimeSpan.MaxValue)));
        Runtime.Send(actor, new Fail("once"));
        await Harness.Settle(actor);
        (made, childrenGone).ShouldBe((2, 1));
        Harness.Advance(TimeSpan.FromSeconds(1));
        await Harness.Settle(actor);
        heard.ShouldBe([new Number(2)]);
    }

    [Fact]
    public async Task One_restart_too_many_within_the_window_stops_the_actor()
    {
        var made = 0;
        var actor = Runtime.Spawn("actor", () => Counting(ref made, []), Supervised(Supervision.RestartOnFailure(2, TimeSpan.FromSeconds(10))));
        for (var i = 0; i < 3; i++) Runtime.Send(actor, new Fail($"failure {i}"));
        (await Harness.Gone(actor)).Failure.ShouldNotBeNull().Message.ShouldBe("failure 2");
        made.ShouldBe(3);
        Harness.Observer.Failures.Select(failure => failure.Directive).ShouldBe([Directive.Restart, Directive.Restart, Directive.Stop]);
    }

    [Fact]
    public async Task Restarts_before_the_window_do_not_count()
    {
        var made = 0;
        var actor = Runtime.Spawn("actor", () => Counting(ref made, []), Supervised(Supervision.RestartOnFailure(1, TimeSpan.FromSeconds(10))));
        for (var i = 0; i < 3; i++)
        {
            Runtime.Send(actor, new Fail($"failure {i}"));
            await Harness.Settle(actor);
            Harness.Advance(TimeSpan.FromSeconds(11));
        }

        made.ShouldBe(4);
    }

    [Fact]
    public async Task Stop_is_the_default_and_tells_the_watchers_why()
    {
        var made = 0;
        var seen = new List<int>();
        var actor = Runtime.Spawn("actor", () => Counting(ref made, seen));
        Runtime.Send(actor, new Fail("broken"));
        Runtime.Send(actor, new Number(1));
        (await Harness.Gone(actor)).Failure.ShouldBeOfType<InvalidOperationException>().Message.ShouldBe("broken");
        seen.ShouldBeEmpty();
        Runtime.Failure.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Escalate_fails_the_parent_whose_own_supervision_decides()
    {
        var parents = 0;
        ActorRef? child = null;
        var parent = Runtime.Spawn("parent", () => new TestActor
        {
            OnStarted = context =>
            {
                parents++;
                child = context.Spawn("child", () => new TestActor(), Supervised(Supervision.EscalateOnFailure));
            },
            OnMessage = (_, context) => context.Send(child!, new Fail("from below")),
        }, Supervised(Supervision.RestartOnFailure(1, TimeSpan.MaxValue)));
        await Harness.Settle(parent);
        var first = child!;
        Runtime.Send(parent, new Go());
        (await Harness.Gone(first)).Failure.ShouldNotBeNull().Message.ShouldBe("from below");
        await Harness.Settle(parent);
        parents.ShouldBe(2);
        child.ShouldNotBe(first);
        Harness.Observer.Failures.Select(failure => (failure.Actor.Path, failure.Directive))
            .ShouldBe([("/parent/child", Directive.Escalate), ("/parent", Directive.Restart)]);
    }

    [Fact]
    public async Task Escalation_past_the_root_fails_the_runtime()
    {
        var escalating = Supervised(Supervision.EscalateOnFailure);
        Runtime.Spawn("top", () => new TestActor
        {
            OnStarted = context => context.Spawn("middle", () => new TestActor
            {
                OnStarted = inner => inner.Send(inner.Spawn("bottom", () => new TestActor(), escalating), new Fail("all the way")),
            }, escalating),
        }, escalating);
        await Harness.Reach(Runtime.Failure);
        (await Runtime.Failure).Message.ShouldBe("all the way");
        Harness.Observer.Failures.Select(failure => failure.Actor.Path).ShouldBe(["/top/middle/bottom", "/top/middle", "/top"]);
    }

    [Fact]
    public async Task An_actor_that_fails_to_start_stops_where_it_was_to_resume()
    {
        var actor = Runtime.Spawn(
            "actor", () => throw new InvalidOperationException("unborn"), Supervised(new Supervision(_ => Directive.Resume, 0, TimeSpan.Zero)));
        (await Harness.Gone(actor)).Failure.ShouldNotBeNull().Message.ShouldBe("unborn");
        Harness.Observer.Failures.ShouldHaveSingleItem().Directive.ShouldBe(Directive.Stop);
    }

    [Fact]
    public async Task An_actor_that_fails_to_start_is_tried_again_where_it_is_to_restart()
    {
        var made = 0;
        var actor = Runtime.Spawn("actor", () => ++made < 3 ? throw new InvalidOperationException("not yet") : new TestActor(),
            Supervised(Supervision.RestartOnFailure(2, TimeSpan.MaxValue)));
        await Harness.Settle(actor);
        made.ShouldBe(3);
    }

    [Fact]
    public async Task Supervision_that_fails_escalates_both_exceptions()
    {
        var actor = Runtime.Spawn("actor", () => new TestActor(),
            Supervised(new Supervision(_ => throw new NotSupportedException("no idea"), 0, TimeSpan.Zero)));
        Runtime.Send(actor, new Fail("first"));
        await Harness.Reach(Runtime.Failure);
        (await Runtime.Failure).ShouldBeOfType<AggregateException>().InnerExceptions.Select(inner => inner.Message).ShouldBe(["first", "no idea"]);
    }

    [Fact]
    public async Task An_exception_of_a_disposed_actor_is_reported()
    {
        var actor = Runtime.Spawn("actor", () => new TestActor { OnDisposed = () => throw new InvalidOperationException("stuck lid") });
        await Harness.Settle(actor);
        await Runtime.DisposeAsync();
        Harness.Observer.Failures.ShouldHaveSingleItem().Failure.Message.ShouldBe("stuck lid");
    }

    static ActorOptions Supervised(Supervision supervision) => new() { Supervision = supervision };

    static TestActor Counting(ref int made, List<int> seen)
    {
        made++;
        return new TestActor { OnMessage = (message, _) => seen.Add(((Number)message).Value) };
    }
}

public sealed class ThreadSupervisionTests() : SupervisionContract(new ThreadHarness());

public sealed class SimulatedSupervisionTests() : SupervisionContract(new SimulatedHarness());
