using System.Net;
using System.Text;

namespace LstmCluster.Actors.Tests;

public sealed class HandshakeTests : IAsyncLifetime
{
    readonly TestNode _node = new("node", options => options with { MaxHalfOpen = 4 });
    IPEndPoint _endpoint = null!;

    public ValueTask InitializeAsync()
    {
        _endpoint = _node.Listen();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    static Task<HandshakeException> Refused(Stream stream, Hello hello) =>
        Should.ThrowAsync<HandshakeException>(() => HandshakeFrames.GreetAsync(stream, hello, CancellationToken.None).AsTask().InTime());

    /// <summary>Whatever the others did, a good node gets in.</summary>
    async Task StillOpen()
    {
        await using var good = new TestNode("good");
        await good.Dial(_endpoint).ConnectedAsync().InTime();
        (await _node.Came.NextAsync()).Name.ShouldBe("good");
    }

    [Fact]
    public async Task Another_token_is_refused_on_both_sides_and_for_good()
    {
        await using var stranger = new TestNode("stranger", options => options with { Token = "another job" });
        var refusal = await Should.ThrowAsync<HandshakeException>(() => stranger.Dial(_endpoint).ConnectedAsync().InTime());
        refusal.ShouldSatisfyAllConditions(
            () => refusal.Reason.ShouldBe(RefusalReason.Token),
            () => refusal.Message.ShouldBe("the token is not that of this job"),
            () => refusal.Node.ShouldBe(_node.Node.Id));
        (await _node.Refusals.NextAsync()).ShouldBeOfType<HandshakeException>().Reason.ShouldBe(RefusalReason.Token);
        stranger.Failures.Waiting.ShouldBe(0);
        await StillOpen();
    }

    [Fact]
    public async Task Another_version_of_the_messages_is_refused_with_both_versions()
    {
        await using var stranger = new TestNode("stranger", codec: new TestCodec(version: 2));
        var refusal = await Should.ThrowAsync<HandshakeException>(() => stranger.Dial(_endpoint).ConnectedAsync().InTime());
        refusal.Reason.ShouldBe(RefusalReason.CodecVersion);
        refusal.Message.ShouldBe("messages of version 2, expected 1");
        (await _node.Refusals.NextAsync()).Message.ShouldBe(refusal.Message);
    }

    [Fact]
    public async Task Another_version_of_the_protocol_is_refused_in_words()
    {
        using var stream = await RawPeer.ConnectAsync(_endpoint);
        await RawPeer.WriteAsync(stream, RawPeer.Frame(FrameKind.Hello, 0, buffer => buffer.UInt16(9)));
        var (kind, body) = await HandshakeFrames.ReadAsync(stream, CancellationToken.None).AsTask().InTime();
        kind.ShouldBe(FrameKind.Refused);
        Greeting.ReadRefusal(body).ShouldSatisfyAllConditions(
            refusal => refusal.Reason.ShouldBe(RefusalReason.ProtocolVersion),
            refusal => refusal.Message.ShouldBe("protocol version 9, expected 1"));
        await _node.Refusals.NextAsync();
    }

    [Fact]
    public async Task A_name_that_a_living_node_has_is_refused_until_that_node_is_gone()
    {
        using var first = await RawPeer.JoinAsync(_endpoint, RawPeer.Greeting(incarnation: 1));
        await _node.Came.NextAsync();
        using var second = await RawPeer.ConnectAsync(_endpoint);
        (await Refused(second, RawPeer.Greeting(incarnation: 2))).Reason.ShouldBe(RefusalReason.NameInUse);
        first.Dispose();
        await _node.Lost.NextAsync();
        using var third = await RawPeer.JoinAsync(_endpoint, RawPeer.Greeting(incarnation: 2));
        (await _node.Came.NextAsync()).Id.Incarnation.ShouldBe(2ul);
    }

    [Fact]
    public async Task A_node_that_dials_again_replaces_its_old_connection()
    {
        using var first = await RawPeer.JoinAsync(_endpoint);
        var remote = await _node.Came.NextAsync();
        using var second = await RawPeer.JoinAsync(_endpoint);
        (await _node.Came.NextAsync()).ShouldBeSameAs(remote);
        (await _node.Lost.NextAsync()).Reason.Message.ShouldContain("a newer connection replaces it");
        await RawPeer.ClosedAsync(first.Control);
        await RawPeer.ClosedAsync(first.Tensors);
        remote.IsConnected.ShouldBeTrue();
    }

    [Fact]
    public async Task Nothing_is_sent_over_connections_whose_handshake_is_not_over()
    {
        var session = _node.Node.Admit(SilentLink());
        var address = session.Peer.Ref(1, "/there");
        session.Peer.IsConnected.ShouldBeFalse();
        _node.Runtime.Send(address, new Number(1));
        _node.Observer.DeadLetters.ShouldHaveSingleItem();
        session.Open();
        session.Peer.IsConnected.ShouldBeTrue();
        _node.Runtime.Send(address, new Number(2));
        _node.Observer.DeadLetters.ShouldHaveSingleItem();
        session.Close(new IOException("over"));
        (await _node.Lost.NextAsync()).Node.ShouldBeSameAs(session.Peer);
    }

    [Fact]
    public async Task A_session_that_is_replaced_during_its_handshake_never_opens()
    {
        var first = _node.Node.Admit(SilentLink());
        var second = _node.Node.Admit(SilentLink());
        first.Ended.IsCompleted.ShouldBeTrue();
        second.Open();
        first.Open();
        second.Peer.Session.ShouldBeSameAs(second);
        await _node.Came.NextAsync();
        (_node.Came.Waiting, _node.Lost.Waiting).ShouldBe((0, 0));
        second.Close(new IOException("over"));
    }

    Link SilentLink() => new(
        new ScriptedStream([], new Random(1), hangsUp: false), new ScriptedStream([], new Random(1), hangsUp: false), new NodeId("silent", 1),
        Limits.Of(_node.Node.Options), Dialled: false);

    [Fact]
    public async Task The_own_name_is_refused()
    {
        using var stream = await RawPeer.ConnectAsync(_endpoint);
        (await Refused(stream, RawPeer.Greeting(name: "node"))).Reason.ShouldBe(RefusalReason.NameInUse);
    }

    [Fact]
    public async Task Limits_that_leave_no_room_are_refused()
    {
        using var stream = await RawPeer.ConnectAsync(_endpoint);
        (await Refused(stream, RawPeer.Greeting(limits: new Limits(0, 0, 0, 0)))).Reason.ShouldBe(RefusalReason.Limits);
    }

    [Fact]
    public async Task A_tensor_connection_needs_its_control_connection()
    {
        using var stream = await RawPeer.ConnectAsync(_endpoint);
        (await Refused(stream, RawPeer.Greeting() with { Role = ConnectionRole.Tensors, Session = Guid.NewGuid() })).Reason.ShouldBe(RefusalReason.UnknownSession);
    }

    [Fact]
    public async Task A_tensor_connection_of_another_node_does_not_join()
    {
        using var control = await RawPeer.ConnectAsync(_endpoint);
        var welcome = await HandshakeFrames.GreetAsync(control, RawPeer.Greeting("one"), CancellationToken.None).AsTask().InTime();
        using var tensors = await RawPeer.ConnectAsync(_endpoint);
        (await Refused(tensors, RawPeer.Greeting("two") with { Role = ConnectionRole.Tensors, Session = welcome.Session })).Reason.ShouldBe(RefusalReason.UnknownSession);
        await RawPeer.ClosedAsync(control);
    }

    public static TheoryData<string, string> Garbage() => new()
    {
        { "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "not a frame" },
        { new string('\0', 64), "not a frame" },
        { new string('A', 100_000), "not a frame" },
    };

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task Garbage_is_closed_and_counted(string text, string reason)
    {
        using var stream = await RawPeer.ConnectAsync(_endpoint);
        await RawPeer.WriteAsync(stream, Encoding.ASCII.GetBytes(text));
        (await _node.Refusals.NextAsync()).Message.ShouldStartWith(reason);
        await RawPeer.ClosedAsync(stream);
        (_node.Node.Statistics.ConnectionsRefused, _node.Node.Statistics.MalformedConnections).ShouldBe((1, 1));
        await StillOpen();
    }

    [Fact]
    public async Task A_greeting_that_claims_to_be_long_gets_no_memory()
    {
        var header = new byte[FrameHeader.Bytes];
        new FrameHeader(FrameKind.Hello, int.MaxValue, 0, 0).Write(header);
        using var stream = await RawPeer.ConnectAsync(_endpoint);
        await RawPeer.WriteAsync(stream, header);
        (await _node.Refusals.NextAsync()).Message.ShouldBe("Hello frame of 2147483647 bytes, at most 4096 are allowed");
        await RawPeer.ClosedAsync(stream);
    }

    [Fact]
    public async Task Half_a_greeting_ends_with_its_connection()
    {
        var stream = await RawPeer.ConnectAsync(_endpoint);
        var hello = RawPeer.Frame(FrameKind.Hello, 0, RawPeer.Greeting().Write);
        await RawPeer.WriteAsync(stream, hello[..^1]);
        stream.Dispose();
        (await _node.Refusals.NextAsync()).ShouldBeAssignableTo<IOException>();
        await StillOpen();
    }

    [Fact]
    public async Task Whoever_says_nothing_or_half_is_closed_when_the_time_is_up()
    {
        using var silent = await RawPeer.ConnectAsync(_endpoint);
        using var slow = await RawPeer.ConnectAsync(_endpoint);
        await RawPeer.WriteAsync(slow, [65, 84]);
        using var half = await RawPeer.ConnectAsync(_endpoint);
        await HandshakeFrames.GreetAsync(half, RawPeer.Greeting(), CancellationToken.None).AsTask().InTime();
        await Wait.Until(() => _node.Node.HalfOpen == 3);
        _node.Time.Advance(_node.Node.Options.HandshakeTimeout);
        foreach (var stream in new[] { silent, slow, half }) await RawPeer.ClosedAsync(stream);
        for (var i = 0; i < 3; i++) (await _node.Refusals.NextAsync()).ShouldBeOfType<TimeoutException>();
        await Wait.Until(() => _node.Node.HalfOpen == 0);
        await StillOpen();
    }

    [Fact]
    public async Task One_connection_too_many_in_its_handshake_takes_the_place_of_the_oldest()
    {
        var streams = new List<Stream>();
        for (var i = 1; i <= 4; i++)
        {
            streams.Add(await RawPeer.ConnectAsync(_endpoint));
            await Wait.Until(() => _node.Node.HalfOpen == i);
        }

        using var fifth = await RawPeer.ConnectAsync(_endpoint);
        await RawPeer.ClosedAsync(streams[0]);
        (await _node.Refusals.NextAsync()).Message.ShouldContain("a newer one took the place");
        await Wait.Until(() => _node.Node.HalfOpen == 4);
        foreach (var stream in streams) stream.Dispose();
        await Wait.Until(() => _node.Node.HalfOpen == 1);
    }

    [Fact]
    public async Task A_node_gets_in_though_strangers_hold_every_place()
    {
        var strangers = new List<Stream>();
        for (var i = 1; i <= 4; i++)
        {
            strangers.Add(await RawPeer.ConnectAsync(_endpoint));

            // The greeting is good, and the second connection never comes.
            await HandshakeFrames.GreetAsync(strangers[^1], RawPeer.Greeting($"stranger-{i}"), CancellationToken.None).AsTask().InTime();
        }

        _node.Node.HalfOpen.ShouldBe(4);
        await StillOpen();
        _node.Time.Advance(_node.Node.Options.HandshakeTimeout);
        await Wait.Until(() => _node.Node.HalfOpen == 0);
        foreach (var stranger in strangers) stranger.Dispose();
    }

    [Fact]
    public void Those_who_are_leaving_are_bounded_too()
    {
        var places = new HandshakePlaces(most: 2);
        var taken = Enumerable.Range(0, 4).Select(_ => places.TryTake().ShouldNotBeNull()).ToList();
        places.TryTake().ShouldBeNull();
        taken[0].Dispose();
        using var next = places.TryTake().ShouldNotBeNull();
        foreach (var place in taken) place.Dispose();
        places.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_listener_that_is_no_node_is_reported_and_tried_again()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _node.Dial((IPEndPoint)listener.LocalEndpoint);
        using var client = await listener.AcceptTcpClientAsync().InTime();
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("220 mail.example.org ESMTP ready\r\n"));
        (await _node.Failures.NextAsync()).Reason.Message.ShouldContain("does not answer as a node: not a frame");
    }

    [Fact]
    public void Other_machines_are_not_listened_for_without_certificates() =>
        Should.Throw<InvalidOperationException>(() => _node.Node.Listen(new IPEndPoint(IPAddress.Any, 0))).Message.ShouldContain("needs certificates");
}
