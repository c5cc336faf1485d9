using System.Threading.Channels;

namespace LstmCluster.Actors;

/// <summary>Hands over what comes from one node, and keeps each sender's messages to each receiver in line.</summary>
/// <remarks>
/// Messages come in order over the control connection, payloads in the same order over the other. A message whose payloads are missing holds back
/// the later ones of the same pair, and nobody else's. All of it is bounded by the window: what is not handed over is not acknowledged.
/// </remarks>
sealed class Inbox(Session session)
{
    readonly Lock _gate = new();
    readonly Dictionary<(ulong Sender, ulong Target), Queue<Held>> _held = [];
    readonly Channel<Announced> _announced = Channel.CreateUnbounded<Announced>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    long _arrived, _messages, _bytes, _reportedMessages, _reportedBytes;
    int _incomplete;
    bool _closed;

    /// <summary>Messages handed over so far, and the bytes of their frames.</summary>
    public (long Messages, long Bytes) Delivered => (Volatile.Read(ref _messages), Volatile.Read(ref _bytes));

    /// <summary>True while a message waits for its payloads.</summary>
    public bool IsMissingPayloads
    {
        get
        {
            lock (_gate) return _incomplete > 0;
        }
    }

    /// <summary>A message has come.</summary>
    /// <exception cref="FrameException">It is none, or more than this side agreed to hold.</exception>
    /// <exception cref="MessageFormatException">The codec refuses it.</exception>
    public void Arrive(ReadOnlyMemory<byte> body)
    {
        var frame = MessageFrame.Read(body, session.Limits.MaxPayloadBytes);
        lock (_gate)
        {
            if (_closed) return;
            if (++_arrived - _messages > session.Limits.WindowMessages) throw new FrameException($"more than {session.Limits.WindowMessages} messages at a time");
            var pair = (frame.SenderId, frame.TargetId);
            if (frame.Payloads.Length == 0 && !_held.ContainsKey(pair)) Deliver(frame, [], FrameHeader.Bytes + body.Length);
            else Hold(pair, frame, FrameHeader.Bytes + body.Length);
        }
    }

    /// <summary>The payload that the next bytes of the tensor connection belong to; waits until it is announced.</summary>
    /// <exception cref="ChannelClosedException">The session is over.</exception>
    public Announced NextPayload()
    {
        var next = _announced.Reader.ReadAsync();
        return next.IsCompleted ? next.GetAwaiter().GetResult() : next.AsTask().GetAwaiter().GetResult();
    }

    /// <summary>A payload is complete.</summary>
    public void Complete(Announced announced, IWirePayload payload)
    {
        lock (_gate)
        {
            if (_closed)
            {
                payload.Release();
                return;
            }

            var held = announced.Message;
            held.Payloads[announced.Index] = payload;
            if (--held.Missing > 0) return;
            _incomplete--;
            DeliverHeld((held.Frame.SenderId, held.Frame.TargetId));
        }
    }

    /// <summary>The session is over: what is incomplete is lost.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            foreach (var held in _held.Values.SelectMany(queue => queue)) held.Release();
            _held.Clear();
            _announced.Writer.TryComplete();
        }
    }

    void Hold((ulong Sender, ulong Target) pair, MessageFrame frame, int bytes)
    {
        // The frame's bytes are about to be overwritten by those of the next.
        var held = new Held(frame with { Content = frame.Content.ToArray() }, bytes);
        for (var i = 0; i < frame.Payloads.Length; i++)
        {
            var (type, length) = frame.Payloads[i];
            if (length == 0) held.Payloads[i] = ElementTypes.Rent(session.Node.Pool, type, 0);
            else held.Missing++;
        }

        if (!_held.TryGetValue(pair, out var queue)) _held.Add(pair, queue = new Queue<Held>());
        queue.Enqueue(held);
        if (held.Missing == 0)
        {
            DeliverHeld(pair);
            return;
        }

        _incomplete++;
        for (var i = 0; i < frame.Payloads.Length; i++)
        {
            if (frame.Payloads[i].Length > 0) _announced.Writer.TryWrite(new Announced(held, i, frame.Payloads[i].Type, frame.Payloads[i].Length));
        }
    }

    void DeliverHeld((ulong Sender, ulong Target) pair)
    {
        var queue = _held[pair];

        // Handing over may end the session, and then the rest has been released.
        while (!_closed && queue.TryPeek(out var first) && first.Missing == 0)
        {
            queue.Dequeue();
            Deliver(first.Frame, first.Payloads!, first.Bytes);
        }

        if (queue.Count == 0) _held.Remove(pair);
    }

    void Deliver(in MessageFrame frame, IWirePayload[] payloads, int bytes)
    {
        var message = Decode(frame, payloads);
        var sender = frame.SenderId == 0 ? null : session.Peer.Ref(frame.SenderId, frame.SenderPath);
        var target = session.Node.FindLocal(frame.TargetId, frame.TargetPath);
        try
        {
            target.Post(sender, message);
        }
        catch (MailboxFullException full)
        {
            session.Outbox.SendNoRoom(sender, new WireAddress(session.Node.Id, frame.TargetPath, frame.TargetId), full.Message);
        }

        Volatile.Write(ref _messages, _messages + 1);
        Volatile.Write(ref _bytes, _bytes + bytes);
        session.Node.Statistics.CountMessageReceived();
        Report();
    }

    Message Decode(in MessageFrame frame, IWirePayload[] payloads)
    {
        try
        {
            var reader = new MessageReader(session.Node, frame.Content, payloads);
            var message = session.Node.Codec.Read(reader);
            return reader.TookAll ? message : throw new MessageFormatException($"{message.GetType().Name} did not take all of its {payloads.Length} payloads");
        }
        catch (Exception refused)
        {
            foreach (var payload in payloads) payload.Release();
            if (refused is MessageFormatException) throw;

            // The bytes come from outside: whatever they did to the codec, they end their connection and nothing else.
            throw new MessageFormatException($"the codec failed: {refused.Message}", refused);
        }
    }

    /// <summary>Opens the window again before the other side runs into its end; otherwise the next sign of life does.</summary>
    void Report()
    {
        if (_messages - _reportedMessages < (session.Limits.WindowMessages + 3) / 4 && _bytes - _reportedBytes < session.Limits.WindowBytes / 4) return;
        (_reportedMessages, _reportedBytes) = (_messages, _bytes);
        session.Outbox.SendAlive();
    }

    /// <summary>A payload that a message has announced.</summary>
    public readonly record struct Announced(Held Message, int Index, ElementType Type, int Length);

    /// <summary>A message that waits for payloads: its own, or those of a message before it.</summary>
    public sealed class Held(MessageFrame frame, int bytes)
    {
        public MessageFrame Frame => frame;

        public int Bytes => bytes;

        public IWirePayload?[] Payloads { get; } = new IWirePayload?[frame.Payloads.Length];

        public int Missing { get; set; }

        public void Release()
        {
            foreach (var payload in Payloads) payload?.Release();
        }
    }
}
