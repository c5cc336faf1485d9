namespace LstmCluster.Actors;

/// <summary>What waits to be sent to one node: frames for the control connection, and messages whose payloads go over the other.</summary>
/// <remarks>
/// One lock orders both, so the receiver gets payloads in the order of the messages that announce them. Whoever adds a frame to an idle control
/// connection writes it, so that a message does not wait for another thread; payloads are written by a thread of the pool.
/// </remarks>
sealed partial class Outbox
{
    /// <summary>Frames of the runtime itself that a peer may leave unread: all actors of a large node may end at once.</summary>
    const int RuntimeBytes = 16 << 20;

    readonly Session _session;
    readonly NetworkNode _node;
    readonly Limits _limits;
    readonly long _backlogBytes;
    readonly Stream _control;
    readonly TensorSender _tensors;
    readonly MessageWriter _writer;
    readonly Lock _gate = new();
    readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    FrameBuffer _filling = new(), _sending = new();
    List<Letter> _letters = [], _lettersSent = [];
    ulong _frames;
    long _messages, _bytes, _ackedMessages, _ackedBytes;
    bool _flushing, _aliveDue, _leaving, _finishing, _closed;

    public Outbox(Session session, Link link)
    {
        (_session, _node, _limits, _control) = (session, session.Node, link.Limits, link.Control);
        _backlogBytes = (long)_limits.WindowBytes + _limits.MaxMessageBytes + RuntimeBytes;
        _tensors = new TensorSender(session, link.Tensors);
        _writer = new MessageWriter(_node);
    }

    /// <summary>A message without payloads whose frame waits to be written: should that never happen, it is a dead letter.</summary>
    readonly record struct Letter(ActorRef? Sender, ActorRef Target, Message Message);

    /// <summary>Sends a message of an actor.</summary>
    /// <exception cref="MailboxFullException">The other side has not yet handed over what was sent before, or too many payloads wait.</exception>
    /// <exception cref="ArgumentException">The message or a payload of it is larger than the two nodes agreed on.</exception>
    /// <exception cref="NotSupportedException">The codec does not know the message.</exception>
    public void Post(ActorRef? sender, RemoteRef target, Message message)
    {
        bool taken, flush = false;
        try
        {
            lock (_gate)
            {
                taken = !_closed && !_leaving;
                if (taken)
                {
                    Write(sender, target, message);
                    flush = BeginFlush();
                }
            }
        }
        catch
        {
            _node.Runtime.Discard(message);
            throw;
        }

        if (!taken)
        {
            _node.Runtime.DeadLetter(sender, target, message);
            return;
        }

        _node.Statistics.CountMessageSent();
        if (flush) _ = FlushAsync();
    }

    /// <summary>The other side has handed over so many messages with so many bytes.</summary>
    /// <exception cref="FrameException">That is more than was sent, or less than it said before.</exception>
    public void Acknowledge(long messages, long bytes)
    {
        lock (_gate)
        {
            if (messages < _ackedMessages || messages > _messages || bytes < _ackedBytes || bytes > _bytes)
                throw new FrameException($"{messages} messages of {_messages} with {bytes} bytes of {_bytes} acknowledged, before {_ackedMessages} with {_ackedBytes}");
            (_ackedMessages, _ackedBytes) = (messages, bytes);
        }
    }

    /// <summary>Sends what was accepted, then a last word. Ends when all of it was written.</summary>
    public async Task FinishAsync(string reason)
    {
        lock (_gate) _leaving = true;
        await _tensors.Idle().ConfigureAwait(false);
        SendGoodbye(reason);
        var flush = false;
        lock (_gate)
        {
            _finishing = true;
            if (_closed) _finished.TrySetResult();
            else flush = BeginFlush();
        }

        if (flush) _ = FlushAsync();
        await _finished.Task.ConfigureAwait(false);
    }

    /// <summary>The session is over: what was not written is reported.</summary>
    public void Close()
    {
        List<Letter> unsent;
        lock (_gate)
        {
            if (_closed) return;
            _closed = true;
            unsent = _letters;
            _letters = [];
        }

        foreach (var letter in unsent) _node.Runtime.DeadLetter(letter.Sender, letter.Target, letter.Message);
        _tensors.Close();
        _finished.TrySetResult();
    }

    void Write(ActorRef? sender, RemoteRef target, Message message)
    {
        if (_messages - _ackedMessages >= _limits.WindowMessages) throw Full(target, $"{_limits.WindowMessages} messages");
        var start = _filling.BeginFrame();
        try
        {
            _writer.Begin(_filling);
            MessageFrame.Write(_filling, _writer, _node, sender, target, message);
            var bytes = _filling.Length - start;
            RequireRoom(target, message, bytes);
            if (_writer.Payloads.Count == 0) _letters.Add(new Letter(sender, target, message));
            else EnqueuePayloads(sender, target, message);
            _filling.EndFrame(start, FrameKind.Message, ++_frames);
            _messages++;
            _bytes += bytes;
        }
        catch
        {
            _filling.Truncate(start);
            throw;
        }
    }

    void RequireRoom(RemoteRef target, Message message, int bytes)
    {
        if (bytes - FrameHeader.Bytes > _limits.MaxMessageBytes)
            throw new ArgumentException($"{message.GetType().Name} to {target} takes {bytes} bytes without its payloads, at most {_limits.MaxMessageBytes} are allowed");
        foreach (var payload in _writer.Payloads)
        {
            if ((long)payload.Length * ElementTypes.SizeOf(payload.Type) is var size && size > _limits.MaxPayloadBytes)
                throw new ArgumentException($"a payload of {message.GetType().Name} to {target} has {size} bytes, at most {_limits.MaxPayloadBytes} are allowed");
        }

        var under = _bytes - _ackedBytes;
        if (under > 0 && under + bytes > _limits.WindowBytes) throw Full(target, $"{_limits.WindowBytes} bytes");
    }

    void EnqueuePayloads(ActorRef? sender, RemoteRef target, Message message)
    {
        IWirePayload[] payloads = [.. _writer.Payloads];
        var bytes = payloads.Sum(payload => (long)payload.Bytes.Length);
        if (!_tensors.TryEnqueue(new Outgoing(sender, target, message, payloads, bytes)))
            throw Full(target, $"{_node.Options.TensorQueueBytes} bytes of payloads");
    }

    static MailboxFullException Full(RemoteRef target, string held) => new($"the way to {target} is full ({held})");

    /// <summary>True for the one caller that has to write. Called under the lock.</summary>
    bool BeginFlush()
    {
        if (_flushing || _closed) return false;
        _flushing = true;
        return true;
    }

    async Task FlushAsync()
    {
        try
        {
            for (var round = 0; TakeFilled(); round++)
            {
                // The first frames are written by the thread that sent them; it has other things to do than those of everybody after it.
                if (round == 1) await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                await _control.WriteAsync(_sending.Written).ConfigureAwait(false);
                Settle();
            }
        }
        catch (Exception failure)
        {
            // Whether these arrived nobody can tell: the session's end says so.
            Settle();
            _session.Fail(failure);
        }
    }

    bool TakeFilled()
    {
        lock (_gate)
        {
            if (_aliveDue && !_closed) WriteAlive();
            if (_filling.Length == 0 || _closed)
            {
                _flushing = false;
                if (_finishing) _finished.TrySetResult();
                return false;
            }

            (_filling, _sending) = (_sending, _filling);
            (_letters, _lettersSent) = (_lettersSent, _letters);
            return true;
        }
    }

    void Settle()
    {
        foreach (var letter in _lettersSent) _node.Runtime.Discard(letter.Message);
        _lettersSent.Clear();
        _sending.Clear();
    }
}
