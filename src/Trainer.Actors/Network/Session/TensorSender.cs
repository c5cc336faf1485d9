namespace LstmCluster.Actors;

/// <summary>Writes payloads to their connection, from their own memory, in pieces that stay in the processor's cache between checksum and socket.</summary>
/// <remarks>A thread of its own does it from the first payload on, so that large transfers neither wait for the thread pool nor occupy it.</remarks>
sealed class TensorSender(Session session, Stream stream)
{
    const int PieceBytes = 512 << 10;

    readonly Queue<Outgoing> _queue = new();
    readonly object _gate = new();
    readonly byte[] _header = new byte[FrameHeader.Bytes];
    TaskCompletionSource? _idle;
    ulong _frames;
    long _waitingBytes;
    bool _started, _sending, _closed;

    /// <summary>Takes a message unless too many bytes wait already.</summary>
    public bool TryEnqueue(Outgoing message)
    {
        lock (_gate)
        {
            if (_waitingBytes > 0 && _waitingBytes + message.Bytes > session.Node.Options.TensorQueueBytes) return false;
            _waitingBytes += message.Bytes;
            _queue.Enqueue(message);
            Monitor.Pulse(_gate);
            if (_started) return true;
            _started = true;
        }

        session.RunOnThread("tensors out", Run);
        return true;
    }

    /// <summary>Ends when nothing waits any more.</summary>
    public Task Idle()
    {
        lock (_gate)
        {
            if (_closed || (!_sending && _queue.Count == 0)) return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    public void Close()
    {
        Outgoing[] unsent;
        lock (_gate)
        {
            _closed = true;
            unsent = [.. _queue];
            _queue.Clear();
            _idle?.TrySetResult();
            Monitor.Pulse(_gate);
        }

        foreach (var message in unsent) Lose(message);
    }

    void Run()
    {
        while (Take() is { } message)
        {
            try
            {
                foreach (var payload in message.Payloads) Send(payload.Bytes.Span);
            }
            catch
            {
                Lose(message);
                throw;
            }

            lock (_gate) _waitingBytes -= message.Bytes;
            session.Node.Statistics.CountPayloadSent(message.Bytes);
            session.Node.Runtime.Discard(message.Message);
        }
    }

    /// <summary>Waits for the next message; null when the session is over.</summary>
    Outgoing? Take()
    {
        lock (_gate)
        {
            _sending = false;
            while (_queue.Count == 0)
            {
                if (_closed) return null;
                _idle?.TrySetResult();
                _idle = null;
                Monitor.Wait(_gate);
            }

            _sending = true;
            return _queue.Dequeue();
        }
    }

    void Send(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var piece = bytes[..Math.Min(bytes.Length, PieceBytes)];
            new FrameHeader(FrameKind.Tensor, piece.Length, Crc32C.Of(piece), ++_frames).Write(_header);
            stream.Write(_header);
            stream.Write(piece);
            bytes = bytes[piece.Length..];
        }
    }

    void Lose(Outgoing message) => session.Node.Runtime.DeadLetter(message.Sender, message.Target, message.Message);
}
