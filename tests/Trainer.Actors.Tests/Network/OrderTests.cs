namespace LstmCluster.Actors.Tests;

public sealed class OrderTests : OrderTestsOverAnything
{
    public OrderTests()
        : base(localSockets: false)
    {
    }
}

public sealed class LocalOrderTests : OrderTestsOverAnything
{
    public LocalOrderTests()
        : base(localSockets: true)
    {
    }
}

/// <summary>What holds over TCP and over sockets within a machine.</summary>
public abstract class OrderTestsOverAnything(bool localSockets) : IAsyncLifetime
{
    readonly TestNode _here = new("here", options => options with { LocalSockets = localSockets });
    readonly TestNode _there = new("there", options => options with { LocalSockets = localSockets });

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Messages_with_and_without_payloads_keep_their_order_for_each_pair()
    {
        const int senders = 4, each = 300;
        var remote = await _here.Join(_there);
        var lanes = Enumerable.Range(0, senders).Select(_ => new List<int>()).ToArray();
        var left = senders * each;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (receiver, _) = _there.Listener("receiver", (message, _) =>
        {
            var value = message switch
            {
                Number number => number.Value,
                Cargo cargo => cargo.Value,
                _ => throw new InvalidOperationException(),
            };
            message.Release();
            lanes[value / each].Add(value);
            if (--left == 0) done.SetResult();
        }, new ActorOptions { MailboxCapacity = senders * each });
        var target = (await remote.ResolveAsync(receiver.Path).InTime()).ShouldNotBeNull();
        for (var s = 0; s < senders; s++)
        {
            var first = s * each;
            var sender = _here.Runtime.Spawn($"sender-{s}", () => new TestActor
            {
                OnMessage = (_, context) =>
                {
                    var sizes = new Random(first);
                    for (var i = first; i < first + each; i++)
                    {
                        context.Send(target, i % 3 == 0
                            ? new Cargo(i, _here.Pool.Rent<float>(sizes.Next(100_000)), _here.Pool.Rent<int>(0), _here.Pool.Rent<byte>(sizes.Next(3)))
                            : new Number(i));
                    }
                },
            });
            _here.Runtime.Send(sender, new Go());
        }

        await done.Task.InTime();
        _here.Observer.Failures.ShouldBeEmpty();
        for (var s = 0; s < senders; s++) lanes[s].ShouldBe(Enumerable.Range(s * each, each));
    }

    [Fact]
    public async Task A_message_waits_for_the_payloads_of_its_own_pair_only()
    {
        var (receiver, heard) = _there.Listener("receiver");
        using var peer = await RawPeer.JoinAsync(_there.Listen());
        await peer.SendMessageAsync(receiver, sender: 1, kind: 2, value: 0, (ElementType.F32, 1));
        await peer.SendMessageAsync(receiver, sender: 1, kind: 1, value: 10);
        await peer.SendMessageAsync(receiver, sender: 2, kind: 1, value: 20);
        (await heard.NextAsync()).ShouldBe(new Number(20));
        heard.Waiting.ShouldBe(0);
        await peer.SendTensorAsync(0, 0, 128, 63);
        var loaded = (Loaded)await heard.NextAsync();
        loaded.Payload.Span.ToArray().ShouldBe([1f]);
        loaded.Release();
        (await heard.NextAsync()).ShouldBe(new Number(10));
    }

    [Fact]
    public async Task Payloads_without_bytes_are_not_waited_for()
    {
        var (receiver, heard) = _there.Listener("receiver");
        using var peer = await RawPeer.JoinAsync(_there.Listen());
        await peer.SendMessageAsync(receiver, sender: 1, kind: 2, value: 0, (ElementType.F32, 0));
        var loaded = (Loaded)await heard.NextAsync();
        loaded.Payload.Length.ShouldBe(0);
        loaded.Release();
    }

    [Fact]
    public async Task A_payload_may_come_in_many_pieces_and_before_its_message()
    {
        var (receiver, heard) = _there.Listener("receiver");
        using var peer = await RawPeer.JoinAsync(_there.Listen());
        await peer.SendTensorAsync(0, 0);
        await peer.SendTensorAsync(128);
        await peer.SendTensorAsync(63, 0, 0, 0, 64);
        await peer.SendMessageAsync(receiver, sender: 1, kind: 2, value: 0, (ElementType.F32, 2));
        var loaded = (Loaded)await heard.NextAsync();
        loaded.Payload.Span.ToArray().ShouldBe([1f, 2f]);
        loaded.Release();
    }
}
