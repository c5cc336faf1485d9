using static LstmCluster.Actors.Tests.ClusterHarness;

namespace LstmCluster.Actors.Tests;

public sealed class ClusterConnectionTests : IAsyncLifetime
{
    readonly ClusterHarness _harness = new();
    readonly RecordingObserver _letters = new();
    SimulatedProcess _here = null!, _there = null!;

    public ValueTask InitializeAsync()
    {
        (_here, _there) = (_harness.Start("here", new ProcessOptions { Observer = _letters }), _harness.Start("there"));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    [Fact]
    public void A_message_reaches_an_actor_of_another_process_and_its_answer_comes_back()
    {
        _harness.Connect(_here, _there);
        var echo = _there.Spawn("echo", () => new TestActor { OnMessage = (message, context) => context.Send(((Introduce)message).Actor, new Number(42)) });
        var (asking, heard) = _harness.Listen(_here, "asking");
        Say(_here, "teller", echo, new Introduce(asking));
        _harness.Runtime.RunFor(Second);
        heard.Select(entry => entry.Message).ShouldBe([new Number(42)]);
        (echo.Path, echo.Name).ShouldBe(("//there/echo", "echo"));
    }

    [Fact]
    public void A_message_to_a_process_that_is_not_connected_is_a_dead_letter_and_a_watch_is_answered_at_once()
    {
        var (actor, heard) = _harness.Listen(_there, "actor");
        var sender = Say(_here, "sender", actor, new Number(1));
        var watched = _harness.Watch(_here, "watcher", actor);
        _harness.Runtime.RunUntilIdle();
        heard.ShouldBeEmpty();
        _letters.DeadLetters.ShouldBe([(sender, actor, new Number(1))]);
        watched.ShouldHaveSingleItem().Notice.Failure.ShouldBeOfType<NodeLostException>().Node.ShouldBe(_there.Id);
        _harness.Cluster.Statistics.DeadLetters.ShouldBe(1);
    }

    [Fact]
    public void An_address_is_found_only_while_its_process_is_connected_and_the_actor_lives()
    {
        var (actor, _) = _harness.Listen(_there, "actor");
        Resolve("/actor").ShouldBeNull();
        var connection = _harness.Connect(_here, _there);
        Resolve("/actor").ShouldBeSameAs(actor);
        Resolve("/nobody").ShouldBeNull();
        connection.Dispose();
        _harness.Runtime.RunFor(Second);
        Resolve("/actor").ShouldBeNull();
        _there.IsConnectedTo("here").ShouldBeFalse();
        _harness.Losses.ShouldContain(loss => loss.By == "there" && loss.Reason.Contains("hangs up", StringComparison.Ordinal));

        ActorRef? Resolve(string path)
        {
            var answers = new List<ActorRef?>();
            _here.Resolve("there", path, answers.Add);
            _harness.Runtime.RunFor(Second);
            return answers.ShouldHaveSingleItem();
        }
    }

    [Fact]
    public void A_watcher_hears_how_an_actor_of_another_process_ended_and_a_stop_crosses()
    {
        _harness.Connect(_here, _there);
        var (orderly, _) = _harness.Listen(_there, "orderly");
        var failing = _there.Spawn("failing", () => new TestActor());
        var (first, second) = (_harness.Watch(_here, "first", orderly), _harness.Watch(_here, "second", failing));
        _harness.Runtime.RunFor(Second);
        _here.Spawn("stopper", () => new TestActor { OnStarted = context => context.Stop(orderly) });
        Say(_here, "breaker", failing, new Fail("broken over there"));
        _harness.Runtime.RunFor(Second);
        first.ShouldHaveSingleItem().Notice.ShouldBe(new Terminated(orderly, null));
        second.ShouldHaveSingleItem().Notice.Failure.ShouldBeOfType<RemoteFailureException>().Message.ShouldBe("broken over there");
        _harness.Watch(_here, "late", orderly).ShouldBeEmpty();
        var late = _harness.Watch(_here, "later", orderly);
        _harness.Runtime.RunFor(Second);
        late.ShouldHaveSingleItem().Notice.ShouldBe(new Terminated(orderly, null));
    }

    [Fact]
    public void A_full_mailbox_over_there_fails_the_sender_as_one_here_would()
    {
        _harness.Connect(_here, _there);
        var (busy, _) = _harness.Listen(_there, "busy", new ActorOptions { MailboxCapacity = 2 });
        _there.Pause();
        _there.Resume();
        Say(_here, "sender", busy, new Number(1), new Number(2), new Number(3));
        _harness.Runtime.RunFor(Second);
        var failure = _letters.Failures.ShouldHaveSingleItem().Failure.ShouldBeOfType<MailboxFullException>();
        failure.Message.ShouldBe("the mailbox of //there/busy is full (2 messages)");
        failure.RefusedBy.ShouldBeSameAs(busy);
    }

    [Fact]
    public async Task A_full_way_is_refused_at_the_sender()
    {
        await using var harness = new ClusterHarness(options: new ClusterOptions { WindowMessages = 2 });
        var (here, there) = (harness.Start("here", new ProcessOptions { Observer = _letters }), harness.Start("there"));
        harness.Connect(here, there);
        var (actor, heard) = harness.Listen(there, "actor");
        Say(here, "sender", actor, new Number(1), new Number(2), new Number(3));
        harness.Runtime.RunFor(Second);
        heard.Count.ShouldBe(2);
        _letters.Failures.ShouldHaveSingleItem().Failure.Message.ShouldBe("the way to //there/actor is full (2 messages)");
    }

    [Fact]
    public void A_process_that_is_not_there_yet_is_dialled_more_and_more_rarely_until_it_is()
    {
        var connected = new List<TimeSpan>();
        _here.Connect("late", _ => connected.Add(_harness.Runtime.Elapsed));
        _harness.Runtime.RunFor(60 * Second);
        connected.ShouldBeEmpty();
        _harness.Start("late");
        _harness.Runtime.RunFor(5 * Second);
        connected.ShouldHaveSingleItem();
        _here.IsConnectedTo("late").ShouldBeTrue();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Two_processes_that_dial_each_other_are_connected_once(ulong seed)
    {
        await using var harness = new ClusterHarness(seed);
        harness.Cluster.Faults = new NetworkFaults { Latency = new LinkLatency { Minimum = Millisecond, Jitter = 10 * Millisecond } };
        var (a, b) = (harness.Start("a"), harness.Start("b"));
        var (first, second) = (a.Connect("b"), b.Connect("a"));
        harness.Runtime.RunFor(10 * Second);
        (first.Peer, second.Peer).ShouldBe((b.Id, a.Id));
        (a.Connected.Count(), b.Connected.Count()).ShouldBe((1, 1));
        var (actor, heard) = harness.Listen(b, "actor");
        Say(a, "sender", actor, new Number(1));
        harness.Runtime.RunFor(Second);
        heard.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Messages_of_one_actor_to_another_stay_in_line_however_long_each_is_on_its_way()
    {
        await using var harness = new ClusterHarness();
        harness.Cluster.Faults = new NetworkFaults { Latency = new LinkLatency { Jitter = 20 * Millisecond } };
        var (here, there) = (harness.Start("here"), harness.Start("there"));
        harness.Connect(here, there);
        var (actor, heard) = harness.Listen(there, "actor");
        foreach (var name in new[] { "a", "b" }) Say(here, name, actor, [.. Enumerable.Range(0, 100).Select(i => new Tagged(name, i))]);
        harness.Runtime.RunFor(10 * Second);
        var tagged = heard.Select(entry => (Tagged)entry.Message).ToList();
        foreach (var name in new[] { "a", "b" }) tagged.Where(message => message.Sender == name).Select(message => message.Value).ShouldBe(Enumerable.Range(0, 100));
        tagged.Take(100).Select(message => message.Sender).Distinct().Count().ShouldBe(2, "two senders do not wait for each other");
    }
}
