namespace LstmCluster.Actors.Tests;

public sealed class RemoteActorTests : RemoteActorTestsOverAnything
{
    public RemoteActorTests()
        : base(localSockets: false)
    {
    }
}

public sealed class LocalRemoteActorTests : RemoteActorTestsOverAnything
{
    public LocalRemoteActorTests()
        : base(localSockets: true)
    {
    }
}

/// <summary>What holds over TCP and over sockets within a machine.</summary>
public abstract class RemoteActorTestsOverAnything(bool localSockets) : IAsyncLifetime
{
    readonly TestNode _here = new("here", options => options with { LocalSockets = localSockets });
    readonly TestNode _there = new("there", options => options with { LocalSockets = localSockets });
    RemoteNode _remote = null!;

    public async ValueTask InitializeAsync() => _remote = await _here.Join(_there);

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    async Task<ActorRef> Find(ActorRef actor) => (await _remote.ResolveAsync(actor.Path).InTime()).ShouldNotBeNull();

    [Fact]
    public async Task A_message_reaches_an_actor_of_another_process_and_its_answer_comes_back()
    {
        var (echo, _) = _there.Listener("echo", (message, context) => context.Send(((Introduce)message).Actor, new Number(42)));
        var remote = await Find(echo);
        var (asking, heard) = _here.Listener("asking", (message, context) =>
        {
            if (message is Go) context.Send(remote, new Introduce(context.Self));
        });
        _here.Runtime.Send(asking, new Go());
        await heard.NextAsync();
        (await heard.NextAsync()).ShouldBe(new Number(42));
        remote.Path.ShouldBe("//there/echo");
        remote.Name.ShouldBe("echo");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(1_500_000)]
    public async Task Payloads_cross_with_every_byte_and_both_sides_give_them_back(int length)
    {
        var floats = _here.Pool.Rent<float>(length);
        for (var i = 0; i < length; i++) floats.Span[i] = BitConverter.Int32BitsToSingle(i * 12345);
        var expected = floats.Span.ToArray();
        var content = new TaskCompletionSource<(int, float[], int[], byte[])>(TaskCreationOptions.RunContinuationsAsynchronously);
        var (taker, _) = _there.Listener("taker", (message, _) =>
        {
            var cargo = (Cargo)message;
            content.SetResult((cargo.Value, cargo.Floats.Span.ToArray(), cargo.Ints.Span.ToArray(), cargo.Bytes.Span.ToArray()));
            cargo.Release();
        });
        _here.Runtime.Send(await Find(taker), new Cargo(7, floats, _here.Pool.Copy<int>([1, -2, 3]), _here.Pool.Copy<byte>([9])));
        var (value, gotFloats, gotInts, gotBytes) = await content.Task.InTime();
        value.ShouldBe(7);
        gotFloats.Select(BitConverter.SingleToInt32Bits).ShouldBe(expected.Select(BitConverter.SingleToInt32Bits));
        gotInts.ShouldBe([1, -2, 3]);
        gotBytes.ShouldBe([9]);
        await Wait.Until(() => _here.Pool.Rented == 0 && _there.Pool.Rented == 0);
    }

    [Fact]
    public async Task A_payload_shared_with_others_crosses_from_the_same_memory_and_stays_theirs()
    {
        var shared = _here.Pool.Copy<float>([1, 2, 3]);
        var (taker, heard) = _there.Listener("taker");
        _here.Runtime.Send(await Find(taker), new Loaded(shared.Retain()));
        var got = (Loaded)await heard.NextAsync();
        got.Payload.Span.ToArray().ShouldBe([1, 2, 3]);
        got.Release();
        await Wait.Until(() => shared.References == 1);
        shared.Span.ToArray().ShouldBe([1, 2, 3]);
        shared.Release();
    }

    [Fact]
    public async Task A_watcher_hears_how_a_remote_actor_ended()
    {
        var (orderly, _) = _there.Listener("orderly");
        var (failing, _) = _there.Listener("failing", (_, _) => throw new InvalidOperationException("broken over there"));
        var (remoteOrderly, remoteFailing) = (await Find(orderly), await Find(failing));
        var (first, second) = (await _here.Watch(remoteOrderly), await _here.Watch(remoteFailing));
        _here.Runtime.Send(remoteFailing, new Go());
        (await second.NextAsync()).ShouldSatisfyAllConditions(
            notice => notice.Actor.ShouldBeSameAs(remoteFailing),
            notice => notice.Failure.ShouldBeOfType<RemoteFailureException>().Message.ShouldBe("broken over there"));
        _there.Runtime.Spawn("stopper", () => new TestActor { OnStarted = context => context.Stop(orderly) });
        (await first.NextAsync()).ShouldBe(new Terminated(remoteOrderly, null));
    }

    [Fact]
    public async Task A_watch_that_comes_too_late_is_answered_too()
    {
        var (actor, _) = _there.Listener("actor");
        var remote = await Find(actor);
        _there.Runtime.Spawn("stopper", () => new TestActor { OnStarted = context => context.Stop(actor) });
        await ((ActorCell)actor).Stopped.InTime();
        (await (await _here.Watch(remote)).NextAsync()).ShouldBe(new Terminated(remote, null));
    }

    [Fact]
    public async Task Stop_crosses_to_the_actor()
    {
        var (actor, _) = _there.Listener("actor");
        var remote = await Find(actor);
        var watched = await _here.Watch(remote);
        _here.Runtime.Spawn("stopper", () => new TestActor { OnStarted = context => context.Stop(remote) });
        (await watched.NextAsync()).Failure.ShouldBeNull();
        await ((ActorCell)actor).Stopped.InTime();
    }

    [Fact]
    public async Task Another_actor_under_the_same_path_is_another_address()
    {
        var (first, _) = _there.Listener("name");
        var old = await Find(first);
        _there.Runtime.Spawn("stopper", () => new TestActor { OnStarted = context => context.Stop(first) });
        await ((ActorCell)first).Stopped.InTime();
        var (second, heard) = _there.Listener("name");
        var young = await Find(second);
        young.ShouldNotBe(old);
        _here.Runtime.Send(old, new Number(1));
        _here.Runtime.Send(young, new Number(2));
        (await heard.NextAsync()).ShouldBe(new Number(2));
        _there.Observer.DeadLetters.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            letter => letter.Message.ShouldBe(new Number(1)),
            letter => letter.Target.Path.ShouldBe("/name"));
    }

    [Fact]
    public async Task An_address_that_comes_back_is_the_object_it_was()
    {
        var (echo, _) = _there.Listener("echo", (message, context) =>
        {
            var introduced = ((Introduce)message).Actor;
            context.Send(introduced, new Introduce(introduced));
        });
        var remote = await Find(echo);
        var (asking, heard) = _here.Listener("asking", (message, context) =>
        {
            if (message is Go) context.Send(remote, new Introduce(context.Self));
        });
        _here.Runtime.Send(asking, new Go());
        await heard.NextAsync();
        ((Introduce)await heard.NextAsync()).Actor.ShouldBeSameAs(asking);
        (await Find(echo)).ShouldBeSameAs(remote);
    }

    [Fact]
    public async Task An_address_of_a_third_process_works_wherever_it_is_connected()
    {
        await using var third = new TestNode("third");
        await _here.Join(third);
        var thirdFromThere = await _there.Join(third);
        var (far, heard) = third.Listener("far");
        var farFromThere = (await thirdFromThere.ResolveAsync("/far").InTime()).ShouldNotBeNull();
        var (teller, _) = _there.Listener("teller", (message, context) => context.Send(((Introduce)message).Actor, new Introduce(farFromThere)));
        var remote = await Find(teller);
        var (asking, told) = _here.Listener("asking", (message, context) =>
        {
            if (message is Go) context.Send(remote, new Introduce(context.Self));
            else if (message is Introduce introduced) context.Send(introduced.Actor, new Number(3));
        });
        _here.Runtime.Send(asking, new Go());
        await told.NextAsync();
        (await heard.NextAsync()).ShouldBe(new Number(3));
    }

    [Fact]
    public async Task Nobody_lives_under_an_unknown_path() => (await _remote.ResolveAsync("/nobody").InTime()).ShouldBeNull();

    [Fact]
    public async Task A_message_that_the_codec_does_not_know_is_refused_at_its_sender()
    {
        var (actor, heard) = _there.Listener("actor");
        var remote = await Find(actor);
        Should.Throw<NotSupportedException>(() => _here.Runtime.Send(remote, new Homebound()));
        _here.Runtime.Send(remote, new Number(1));
        (await heard.NextAsync()).ShouldBe(new Number(1));
    }

    [Fact]
    public async Task A_message_that_is_too_large_is_refused_at_its_sender()
    {
        var (actor, heard) = _there.Listener("actor");
        var remote = await Find(actor);
        Should.Throw<ArgumentException>(() => _here.Runtime.Send(remote, new Bulk(new byte[_here.Node.Options.MaxMessageBytes])))
            .Message.ShouldStartWith("Bulk to //there/actor takes");
        _here.Runtime.Send(remote, new Bulk(new byte[1000]));
        ((Bulk)await heard.NextAsync()).Content.Length.ShouldBe(1000);
    }

    [Fact]
    public async Task A_full_mailbox_over_there_fails_the_sender_as_one_here_would()
    {
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        var (busy, _) = _there.Listener("busy", (_, _) =>
        {
            entered.Set();
            leave.Wait(TimeSpan.FromSeconds(30)).ShouldBeTrue();
        }, new ActorOptions { MailboxCapacity = 2, OwnThread = true });
        var remote = await Find(busy);
        _here.Runtime.Send(remote, new Number(0));
        (await Task.Run(() => entered.Wait(TimeSpan.FromSeconds(30)))).ShouldBeTrue();
        var sender = _here.Runtime.Spawn("sender", () => new TestActor
        {
            OnMessage = (_, context) =>
            {
                for (var i = 1; i <= 3; i++) context.Send(remote, new Number(i));
            },
        });
        var ended = await _here.Watch(sender);
        _here.Runtime.Send(sender, new Go());
        (await ended.NextAsync()).Failure.ShouldBeOfType<MailboxFullException>().Message.ShouldBe("the mailbox of /busy is full (2 messages)");
        _here.Runtime.Send(remote, new Number(4));
        (await _here.RefusedMessages.NextAsync()).ShouldBeSameAs(remote);
        leave.Set();
    }
}
