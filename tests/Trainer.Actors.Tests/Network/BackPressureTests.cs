namespace LstmCluster.Actors.Tests;

public sealed class BackPressureTests : IAsyncLifetime
{
    readonly TestNode _node = new("node", options => options with { WindowMessages = 8, WindowBytes = 10_000, TensorQueueBytes = 1_000_000 });

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    /// <summary>A node whose peer takes nothing that it is not made to take.</summary>
    async Task<(RawPeer Peer, ActorRef Target)> Join()
    {
        var peer = await RawPeer.JoinAsync(_node.Listen());
        var remote = await _node.Came.NextAsync();
        var resolving = remote.ResolveAsync("/there");
        await peer.ReadAsync(FrameKind.Lookup);
        await peer.SendAsync(FrameKind.Found, buffer =>
        {
            buffer.UInt64(1);
            buffer.UInt64(77);
        });
        return (peer, (await resolving.InTime()).ShouldNotBeNull());
    }

    [Fact]
    public async Task A_full_window_refuses_one_more_message_until_the_peer_has_handed_some_over()
    {
        var (peer, target) = await Join();
        using var _ = peer;
        for (var i = 0; i < 8; i++) _node.Runtime.Send(target, new Number(i));
        var payload = _node.Pool.Rent<float>(10);
        Should.Throw<MailboxFullException>(() => _node.Runtime.Send(target, new Loaded(payload))).Message.ShouldBe("the way to //raw/there is full (8 messages)");
        payload.References.ShouldBe(0);
        long bytes = 0;
        for (var i = 0; i < 8; i++) bytes += (await peer.ReadAsync(FrameKind.Message)).Length + FrameHeader.Bytes;
        await peer.SendAsync(FrameKind.Alive, buffer =>
        {
            buffer.UInt64(2);
            buffer.UInt64((ulong)bytes / 4);
        });
        await Wait.Until(() => _node.Node.Statistics.HeartbeatsReceived == 1);
        for (var i = 0; i < 2; i++) _node.Runtime.Send(target, new Number(i));
        Should.Throw<MailboxFullException>(() => _node.Runtime.Send(target, new Number(9)));
    }

    [Fact]
    public async Task The_window_counts_bytes_too()
    {
        var (peer, target) = await Join();
        using var _ = peer;
        _node.Runtime.Send(target, new Bulk(new byte[9000]));
        Should.Throw<MailboxFullException>(() => _node.Runtime.Send(target, new Bulk(new byte[1000]))).Message.ShouldContain("10000 bytes");
        _node.Runtime.Send(target, new Bulk(new byte[100]));
    }

    [Fact]
    public async Task Payloads_that_nobody_takes_fill_their_queue_and_no_more()
    {
        var (peer, target) = await Join();
        using var _ = peer;
        var (accepted, acknowledged) = (0, 0);
        MailboxFullException? full = null;
        while (full is null)
        {
            try
            {
                _node.Runtime.Send(target, new Loaded(_node.Pool.Rent<float>(100_000)));
                accepted++;
            }
            catch (MailboxFullException refused)
            {
                full = refused;
            }

            if (full is not null) break;

            // The messages are taken at once, so that only the payloads pile up: first in the sockets, then here.
            var messages = (ulong)++acknowledged;
            var length = (await peer.ReadAsync(FrameKind.Message)).Length + FrameHeader.Bytes;
            await peer.SendAsync(FrameKind.Alive, buffer =>
            {
                buffer.UInt64(messages);
                buffer.UInt64(messages * (ulong)length);
            });
            await Wait.Until(() => _node.Node.Statistics.HeartbeatsReceived == acknowledged);
            accepted.ShouldBeLessThan(1000);
        }

        full.Message.ShouldBe("the way to //raw/there is full (1000000 bytes of payloads)");
        var waiting = (accepted * 400_000L) - _node.Node.Statistics.PayloadBytesSent;
        waiting.ShouldBeLessThanOrEqualTo(1_000_000);

        // Control is not behind the payloads.
        _node.Runtime.Send(target, new Number(5));
        await peer.ReadAsync(FrameKind.Message);
        _node.Time.Advance(_node.Node.Options.HeartbeatInterval);
        await peer.ReadAsync(FrameKind.Alive);
    }

    [Fact]
    public async Task A_message_larger_than_the_whole_queue_is_taken_while_nothing_else_waits()
    {
        await using var taker = new TestNode("taker");
        var (actor, heard) = taker.Listener("actor");
        var target = (await (await _node.Join(taker)).ResolveAsync(actor.Path).InTime()).ShouldNotBeNull();
        _node.Runtime.Send(target, new Loaded(_node.Pool.Rent<float>(1_000_000)));
        var loaded = (Loaded)await heard.NextAsync();
        loaded.Payload.Length.ShouldBe(1_000_000);
        loaded.Release();
    }

    [Fact]
    public async Task A_small_window_carries_many_messages_when_they_are_handed_over()
    {
        await using var taker = new TestNode("taker");
        var left = 2000;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (actor, _) = taker.Listener("actor", (_, _) =>
        {
            if (--left == 0) done.SetResult();
        }, new ActorOptions { MailboxCapacity = 2000 });
        var target = (await (await _node.Join(taker)).ResolveAsync(actor.Path).InTime()).ShouldNotBeNull();
        for (var i = 0; i < 2000; i++)
        {
            await Wait.Until(() =>
            {
                try
                {
                    _node.Runtime.Send(target, new Number(i));
                    return true;
                }
                catch (MailboxFullException)
                {
                    return false;
                }
            });
        }

        await done.Task.InTime();
    }

    [Fact]
    public async Task A_peer_that_sends_more_than_the_window_holds_is_cut_off()
    {
        var (receiver, _) = _node.Listener("receiver");
        var (peer, _) = await Join();
        using var __ = peer;
        for (var i = 0; i < 9; i++) await peer.SendMessageAsync(receiver, sender: 1, kind: 2, value: 0, (ElementType.F32, 1));
        (await _node.Lost.NextAsync()).Reason.Message.ShouldContain("more than 8 messages at a time");
    }

    [Fact]
    public async Task A_peer_that_asks_without_end_and_reads_no_answer_is_cut_off()
    {
        var (peer, _) = await Join();
        using var __ = peer;
        var asking = Task.Run(async () =>
        {
            try
            {
                var number = 2ul;
                while (true)
                {
                    var buffer = new FrameBuffer();
                    for (var i = 0; i < 10_000; i++)
                    {
                        var start = buffer.BeginFrame();
                        buffer.UInt64(1);
                        buffer.Text("/", 1);
                        buffer.EndFrame(start, FrameKind.Lookup, number++);
                    }

                    await peer.Control.WriteAsync(buffer.Written).AsTask().InTime();
                }
            }
            catch (IOException)
            {
                // Cut off.
            }
        });
        (await _node.Lost.NextAsync()).Reason.Message.ShouldContain("bytes unread");
        await asking.InTime();
    }

    [Fact]
    public async Task A_peer_that_acknowledges_what_was_not_sent_is_cut_off()
    {
        var (peer, _) = await Join();
        using var __ = peer;
        await peer.SendAsync(FrameKind.Alive, buffer =>
        {
            buffer.UInt64(1);
            buffer.UInt64(1);
        });
        (await _node.Lost.NextAsync()).Reason.Message.ShouldContain("acknowledged");
        _node.Node.Statistics.MalformedConnections.ShouldBe(1);
    }
}
