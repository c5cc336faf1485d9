using System.Net;

namespace LstmCluster.Actors.Tests;

/// <summary>A wrong byte from a node that is let in: its connection ends, and nobody else notices.</summary>
public sealed class MalformedFrameTests : IAsyncLifetime
{
    readonly TestNode _node = new("node", options => options with { MaxPayloadBytes = 1000 });
    readonly TestNode _bystander = new("bystander");
    ActorRef _receiver = null!;
    ActorRef _receiverFromBystander = null!;
    Signal<Message> _heard = null!;
    IPEndPoint _endpoint = null!;

    public async ValueTask InitializeAsync()
    {
        (_receiver, _heard) = _node.Listener("receiver");
        _endpoint = _node.Listen();
        var remote = await _bystander.Dial(_endpoint).ConnectedAsync().InTime();
        await _node.Came.NextAsync();
        _receiverFromBystander = (await remote.ResolveAsync("/receiver").InTime()).ShouldNotBeNull();
    }

    public async ValueTask DisposeAsync()
    {
        await _bystander.DisposeAsync();
        await _node.DisposeAsync();
    }

    async Task<RawPeer> Join()
    {
        var peer = await RawPeer.JoinAsync(_endpoint);
        await _node.Came.NextAsync();
        return peer;
    }

    async Task CutOff(RawPeer peer, string reason)
    {
        var (node, why) = await _node.Lost.NextAsync();
        node.Name.ShouldBe("raw");
        why.Message.ShouldContain(reason);
        await RawPeer.ClosedAsync(peer.Control);
        await RawPeer.ClosedAsync(peer.Tensors);
        _node.Node.Statistics.MalformedConnections.ShouldBe(1);
        await Wait.Until(() => _node.Pool.Rented == 0);
        _bystander.Runtime.Send(_receiverFromBystander, new Number(1));
        (await _heard.NextAsync()).ShouldBe(new Number(1));
        _bystander.Lost.Waiting.ShouldBe(0);
    }

    [Fact]
    public void Only_a_frame_whose_header_is_whole_can_be_of_another_version()
    {
        var header = new byte[FrameHeader.Bytes];
        new FrameHeader(FrameKind.Hello, 0, 0, 0).Write(header);
        header[4] = 3;
        Should.Throw<FrameException>(() => FrameHeader.Parse(header, 100, number: 0)).Refusal.ShouldBe(RefusalReason.Malformed, "a bit that was flipped is no reason to give up for good");
        BitConverter.TryWriteBytes(header.AsSpan(24), Crc32C.Of(header.AsSpan(0, 24))).ShouldBeTrue();
        var other = Should.Throw<FrameException>(() => FrameHeader.Parse(header, 100, number: 0));
        (other.Refusal, other.Message).ShouldBe((RefusalReason.ProtocolVersion, "frame of version 3, expected 1"));
    }

    byte[] MessageFrame() => RawPeer.Frame(FrameKind.Message, 1, buffer => RawPeer.Message(buffer, _receiver, 1, kind: 1, value: 5));

    [Theory]
    [InlineData(0, "not a frame")]
    [InlineData(4, "checksum of a frame's header")]
    [InlineData(5, "checksum of a frame's header")]
    [InlineData(8, "checksum of a frame's header")]
    [InlineData(16, "checksum of a frame's header")]
    [InlineData(27, "checksum of a frame's header")]
    [InlineData(28, "checksum of a Message frame")]
    [InlineData(60, "checksum of a Message frame")]
    public async Task One_flipped_bit_of_a_frame_is_noticed(int at, string reason)
    {
        using var peer = await Join();
        var frame = MessageFrame();
        frame[at] ^= 2;
        await RawPeer.WriteAsync(peer.Control, frame);
        await CutOff(peer, reason);
        _heard.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task A_message_to_a_number_that_nobody_has_yet_does_not_stand_in_the_way_of_its_later_owner()
    {
        using var peer = await Join();
        var next = ((ActorCell)_receiver).Id + 1;
        await peer.SendAsync(FrameKind.Message, buffer =>
        {
            Actors.MessageFrame.WriteActor(buffer, next, "/later");
            Actors.MessageFrame.WriteActor(buffer, 0, "/");
            buffer.UInt32(9);
            buffer.Block([1, 1, 0, 0, 0, 0, 0, 0, 0]);
            buffer.UInt16(0);
        });
        await Wait.Until(() => _node.Observer.DeadLetters.Count == 1);
        var (later, heard) = _node.Listener("later");
        ((ActorCell)later).Id.ShouldBe(next);
        var address = (await _bystander.Node.Connected[0].ResolveAsync("/later").InTime()).ShouldNotBeNull();
        _bystander.Runtime.Send(address, new Number(2));
        (await heard.NextAsync()).ShouldBe(new Number(2));
    }

    [Fact]
    public async Task A_frame_that_comes_twice_is_noticed()
    {
        using var peer = await Join();
        await RawPeer.WriteAsync(peer.Control, [.. MessageFrame(), .. MessageFrame()]);
        (await _heard.NextAsync()).ShouldBe(new Number(5));
        await CutOff(peer, "frame number 1, expected 2");
    }

    [Fact]
    public async Task A_frame_cut_short_by_the_end_of_the_connection_is_no_message()
    {
        var peer = await Join();
        await RawPeer.WriteAsync(peer.Control, MessageFrame()[..^1]);
        peer.Dispose();
        (await _node.Lost.NextAsync()).Reason.ShouldBeOfType<NodeLostException>();
        _heard.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task A_frame_longer_than_allowed_is_refused_by_its_header()
    {
        using var peer = await Join();
        var header = new byte[FrameHeader.Bytes];
        new FrameHeader(FrameKind.Message, (1 << 20) + 1, 0, 1).Write(header);
        await RawPeer.WriteAsync(peer.Control, header);
        await CutOff(peer, "Message frame of 1048577 bytes, at most 1048576 are allowed");
    }

    [Theory]
    [InlineData((byte)FrameKind.Hello, "Hello frame on a control connection")]
    [InlineData((byte)FrameKind.Tensor, "Tensor frame on a control connection")]
    [InlineData((byte)99, "frame of unknown kind 99")]
    public async Task A_frame_of_a_kind_that_has_no_business_there_is_refused(byte kind, string reason)
    {
        using var peer = await Join();
        await peer.SendAsync((FrameKind)kind, _ => { });
        await CutOff(peer, reason);
    }

    [Fact]
    public async Task A_message_that_the_codec_refuses_is_told_to_the_peer()
    {
        using var peer = await Join();
        await peer.SendMessageAsync(_receiver, sender: 1, kind: 200, value: 0);
        var goodbye = await peer.ReadAsync(FrameKind.Goodbye);
        System.Text.Encoding.UTF8.GetString(goodbye.AsSpan(2)).ShouldBe("a message of unknown kind 200");
        await CutOff(peer, "a message of unknown kind 200");
    }

    [Fact]
    public async Task A_message_that_does_not_take_its_payloads_is_refused_and_they_are_released()
    {
        using var peer = await Join();
        await peer.SendTensorAsync(1, 2, 3, 4);
        await peer.SendMessageAsync(_receiver, sender: 1, kind: 1, value: 0, (ElementType.I32, 1));
        await CutOff(peer, "Number did not take all of its 1 payloads");
    }

    [Fact]
    public async Task A_payload_of_another_type_than_the_message_takes_is_refused()
    {
        using var peer = await Join();
        await peer.SendTensorAsync(1, 2, 3, 4);
        await peer.SendMessageAsync(_receiver, sender: 1, kind: 2, value: 0, (ElementType.I32, 1));
        await CutOff(peer, "payload 0 holds I32, expected F32");
    }

    [Fact]
    public async Task A_payload_longer_than_allowed_is_refused_when_it_is_announced()
    {
        using var peer = await Join();
        await peer.SendMessageAsync(_receiver, sender: 1, kind: 2, value: 0, (ElementType.F32, 251));
        await CutOff(peer, "a payload of 1004 bytes, at most 1000 are allowed");
    }

    [Fact]
    public async Task More_bytes_than_the_payload_has_are_refused()
    {
        using var peer = await Join();
        await peer.SendMessageAsync(_receiver, sender: 1, kind: 2, value: 0, (ElementType.F32, 1));
        await peer.SendTensorAsync(1, 2, 3, 4, 5);
        await CutOff(peer, "5 bytes for a payload that lacks 4");
    }

    [Fact]
    public async Task A_flipped_bit_of_a_payload_is_noticed()
    {
        using var peer = await Join();
        await peer.SendMessageAsync(_receiver, sender: 1, kind: 2, value: 0, (ElementType.F32, 1));
        var frame = RawPeer.Frame(FrameKind.Tensor, 1, buffer => buffer.Block([1, 2, 3, 4]));
        frame[^1] ^= 1;
        await RawPeer.WriteAsync(peer.Tensors, frame);
        await CutOff(peer, "the checksum of a Tensor frame");
    }

    [Fact]
    public async Task A_payload_cut_short_gives_its_memory_back()
    {
        var peer = await Join();
        await peer.SendMessageAsync(_receiver, sender: 1, kind: 2, value: 0, (ElementType.F32, 2));
        await peer.SendTensorAsync(1, 2, 3, 4);
        await Wait.Until(() => _node.Pool.Rented == 1);
        peer.Dispose();
        await _node.Lost.NextAsync();
        await Wait.Until(() => _node.Pool.Rented == 0);
    }

    [Fact]
    public async Task An_announcement_of_more_payloads_than_its_frame_holds_is_refused()
    {
        using var peer = await Join();
        await peer.SendAsync(FrameKind.Message, buffer =>
        {
            RawPeer.Message(buffer, _receiver, 1, kind: 2, value: 0, (ElementType.F32, 1));
            buffer.Truncate(buffer.Length - 7);
            buffer.UInt16(60_000);
        });
        await CutOff(peer, "60000 payloads are announced in 0 bytes");
    }
}
