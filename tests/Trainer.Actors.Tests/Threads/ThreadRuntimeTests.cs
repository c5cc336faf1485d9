using System.Collections.Concurrent;

namespace LstmCluster.Actors.Tests;

public sealed class ThreadRuntimeTests : IAsyncDisposable
{
    static readonly TimeSpan Safety = TimeSpan.FromSeconds(60);

    readonly FakeTimeProvider _time = new();
    readonly RecordingObserver _observer = new();
    readonly ThreadRuntime _runtime;

    public ThreadRuntimeTests() => _runtime = new ThreadRuntime(_time, seed: 7, _observer);

    public ValueTask DisposeAsync() => _runtime.DisposeAsync();

    [Fact]
    public async Task An_actor_with_its_own_thread_starts_receives_restarts_and_is_disposed_on_it()
    {
        var threads = new ConcurrentBag<(int Id, string? Name, bool Pool)>();
        void Note() => threads.Add((Environment.CurrentManagedThreadId, Thread.CurrentThread.Name, Thread.CurrentThread.IsThreadPoolThread));
        var parent = _runtime.Spawn("parent", () => new TestActor
        {
            OnStarted = context => context.Spawn("worker", () =>
            {
                Note();
                return new AwaitingActor(Note);
            }, new ActorOptions { OwnThread = true, Supervision = Supervision.RestartOnFailure(1, TimeSpan.MaxValue) }),
        });
        var worker = await AwaitingActor.Address.WaitAsync(Safety);
        _runtime.Send(worker, new Go());
        _runtime.Send(worker, new Fail("once"));
        _runtime.Send(worker, new Go());
        var probe = new Probe();
        _runtime.Send(worker, probe);
        await probe.Reached.Task.WaitAsync(Safety);
        await _runtime.DisposeAsync();
        threads.Count.ShouldBe(10);
        threads.Distinct().ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            thread => thread.Name.ShouldBe("/parent/worker"),
            thread => thread.Pool.ShouldBeFalse());
    }

    [Fact]
    public async Task An_actor_that_awaits_holds_back_its_next_message_and_no_thread()
    {
        const int actors = 200;
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var entered = new CountdownEvent(actors);
        var done = new CountdownEvent(actors);
        var overlaps = 0;
        for (var i = 0; i < actors; i++)
        {
            var actor = _runtime.Spawn($"actor-{i}", () => new GatedActor(gate.Task, entered, done, () => overlaps++));
            _runtime.Send(actor, new Number(1));
            _runtime.Send(actor, new Number(2));
        }

        // With a thread blocked for each, the pool would have to grow to 200 threads, one or two a second.
        await Task.Run(() => entered.Wait(Safety)).ContinueWith(wait => wait.Result.ShouldBeTrue(), TaskScheduler.Default);
        done.CurrentCount.ShouldBe(actors);
        gate.SetResult();
        (await Task.Run(() => done.Wait(Safety))).ShouldBeTrue();
        overlaps.ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_message_that_comes_just_as_its_actor_goes_to_rest_is_not_forgotten(bool ownThread)
    {
        var handled = 0;
        var actor = _runtime.Spawn("actor", () => new TestActor { OnMessage = (_, _) => Volatile.Write(ref handled, handled + 1) }, new ActorOptions { OwnThread = ownThread });
        var message = new Go();
        for (var sent = 1; sent <= 20_000; sent++)
        {
            // The next message goes out while the actor is on its way from the last one to its rest.
            _runtime.Send(actor, message);
            var wait = default(SpinWait);
            var giveUp = Environment.TickCount64 + (long)Safety.TotalMilliseconds;
            while (Volatile.Read(ref handled) < sent && Environment.TickCount64 < giveUp) wait.SpinOnce(sleep1Threshold: -1);
            handled.ShouldBe(sent);
        }
    }

    [Fact]
    public async Task An_observer_that_fails_fails_the_runtime()
    {
        var actor = _runtime.Spawn("actor", () => new TestActor());
        _observer.OnFailed = () => throw new NotSupportedException("log is full");
        _runtime.Send(actor, new Fail("first"));
        (await _runtime.Failure.WaitAsync(Safety)).Message.ShouldBe("log is full");
    }

    [Fact]
    public async Task A_failure_after_an_await_reaches_supervision()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var actor = _runtime.Spawn("actor", () => new GatedActor(gate.Task, new CountdownEvent(1), new CountdownEvent(1), () => { }),
            new ActorOptions { Supervision = Supervision.EscalateOnFailure });
        _runtime.Send(actor, new Number(1));
        gate.SetException(new InvalidOperationException("late"));
        (await _runtime.Failure.WaitAsync(Safety)).Message.ShouldBe("late");
    }

    [Fact]
    public async Task A_timer_that_finds_the_mailbox_full_fails_the_actor_that_set_it()
    {
        using var pool = new PayloadPool();
        var payload = pool.Rent<float>(1).Retain();
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        var actor = _runtime.Spawn("actor", () => new TestActor
        {
            OnMessage = (_, context) =>
            {
                context.Schedule(TimeSpan.FromSeconds(1), new Loaded(payload));
                entered.Set();
                leave.Wait(Safety).ShouldBeTrue();
            },
        }, new ActorOptions { OwnThread = true, MailboxCapacity = 1, Supervision = Supervision.EscalateOnFailure });
        _runtime.Send(actor, new Go());
        entered.Wait(Safety).ShouldBeTrue();
        _runtime.Send(actor, new Number(1));
        Should.Throw<MailboxFullException>(() => _runtime.Send(actor, new Number(2)));
        _time.Advance(TimeSpan.FromSeconds(1));
        leave.Set();
        (await _runtime.Failure.WaitAsync(Safety)).ShouldBeOfType<MailboxFullException>();
        payload.References.ShouldBe(1);
        payload.Release();
    }

    [Fact]
    public async Task A_timer_taken_back_is_gone_from_the_clock()
    {
        var actor = _runtime.Spawn("actor", () => new TestActor { OnMessage = (_, context) => context.Schedule(TimeSpan.FromSeconds(1), new Go()).Dispose() });
        _runtime.Send(actor, new Number(1));
        var probe = new Probe();
        _runtime.Send(actor, probe);
        await probe.Reached.Task.WaitAsync(Safety);
        _time.ActiveTimers.ShouldBe(0);
    }

    [Fact]
    public async Task Disposing_names_the_actor_that_does_not_stop()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var entered = new CountdownEvent(1);
        ActorRef? obedient = null;
        _runtime.Spawn("parent", () => new TestActor
        {
            OnStarted = context =>
            {
                obedient = context.Spawn("obedient", () => new TestActor());
                var stuck = context.Spawn("stuck", () => new GatedActor(gate.Task, entered, new CountdownEvent(1), () => { }));
                context.Send(stuck, new Number(1));
            },
        });
        (await Task.Run(() => entered.Wait(Safety))).ShouldBeTrue();
        var disposing = _runtime.DisposeAsync();
        await ((ActorCell)obedient!).Stopped.WaitAsync(Safety);
        disposing.IsCompleted.ShouldBeFalse();
        _time.Advance(_runtime.StopLimit);
        (await Should.ThrowAsync<TimeoutException>(() => disposing.AsTask())).Message
            .ShouldBe("not stopped within 10 s: /parent/stuck (handling Number)");
        gate.SetResult();
    }

    [Fact]
    public async Task Every_watcher_is_answered_even_while_the_thread_of_the_actor_ends()
    {
        for (var round = 0; round < 200; round++)
        {
            var actor = _runtime.Spawn($"actor-{round}", () => new TestActor { OnMessage = (_, context) => context.Stop(context.Self) }, new ActorOptions { OwnThread = true });
            _runtime.Send(actor, new Go());
            var answers = Enumerable.Range(0, 4).Select(i => Heard($"watcher-{round}-{i}", actor)).ToArray();
            (await Task.WhenAll(answers).WaitAsync(Safety)).ShouldAllBe(notice => notice.Actor == actor);
        }
    }

    Task<Terminated> Heard(string name, ActorRef actor)
    {
        var heard = new TaskCompletionSource<Terminated>(TaskCreationOptions.RunContinuationsAsynchronously);
        _runtime.Spawn(name, () => new TestActor
        {
            OnStarted = context => context.Watch(actor),
            OnMessage = (message, _) => heard.SetResult((Terminated)message),
        });
        return heard.Task;
    }

    /// <summary>Goes on only when a task ends; counts messages that come in meanwhile.</summary>
    sealed class GatedActor(Task gate, CountdownEvent entered, CountdownEvent done, Action overlap) : IActor
    {
        bool _inside;

        public async ValueTask ReceiveAsync(Message message, IActorContext context)
        {
            if (_inside) overlap();
            _inside = true;
            if (((Number)message).Value == 1) entered.Signal();
            await gate;
            _inside = false;
            if (((Number)message).Value == 2) done.Signal();
        }
    }

    /// <summary>Truly awaits in every message, and notes the thread on which each call of the runtime begins.</summary>
    sealed class AwaitingActor(Action note) : IActor, IDisposable
    {
        static readonly TaskCompletionSource<ActorRef> Started = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public static Task<ActorRef> Address => Started.Task;

        public async ValueTask StartedAsync(IActorContext context)
        {
            note();
            await Task.Yield();
            Started.TrySetResult(context.Self);
        }

        public async ValueTask ReceiveAsync(Message message, IActorContext context)
        {
            note();
            await Task.Yield();
            if (message is Fail fail) throw new InvalidOperationException(fail.Reason);
            if (message is Probe probe) probe.Reached.SetResult();
        }

        public void Dispose() => note();
    }
}
