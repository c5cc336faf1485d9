namespace LstmCluster.Actors;

/// <summary>Writes payloads to their connection, from their own memory, in pieces that stay in the processor's cache between checksum and socket.</summary>
sealed class TensorSender(Session session, Stream stream)
{
    const int PieceBytes = 256 << 10;

    readonly Queue<Outgoing> _queue = new();
    readonly Lock _gate = new();
    readonly byte[] _header = new byte[FrameHeader.Bytes];
    TaskCompletionSource? _idle;
    ulong _frames;
    long _waitingBytes;
    bool _running;
    bool _closed;

    /// <summary>Takes a message unless too many bytes wait already.</summary>
    public bool TryEnqueue(Outgoing message)
    {
        lock (_gate)
        {
            if (_waitingBytes > 0 && _waitingBytes + message.Bytes > session.Node.Options.TensorQueueBytes) return false;
            _waitingBytes += message.Bytes;
            _queue.Enqueue(message);
            if (_running) return true;
            _running = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static sender => _ = sender.RunAsync(), this, preferLocal: false);
        return true;
    }

    /// <summary>Ends when nothing waits any more.</summary>
    public Task Idle()
    {
        lock (_gate)
        {
            if (!_running || _closed) return Task.CompletedTask;
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
        }

        foreach (var message in unsent) Lose(message);
    }

    async Task RunAsync()
    {
        while (TryTake() is { } message)
        {
            try
            {
                foreach (var payload in message.Payloads) await SendAsync(payload.Bytes).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                Lose(message);
                session.Fail(failure);
                return;
            }

            lock (_gate) _waitingBytes -= message.Bytes;
            session.Node.Statistics.CountPayloadSent(message.Bytes);
            session.Node.Runtime.Discard(message.Message);
        }
    }

    Outgoing? TryTake()
    {
        lock (_gate)
        {
            if (_queue.TryDequeue(out var message)) return message;
            _running = false;
            _idle?.TrySetResult();
            _idle = null;
            return null;
        }
    }

    async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var piece = bytes[..Math.Min(bytes.Length, PieceBytes)];
            new FrameHeader(FrameKind.Tensor, piece.Length, Crc32C.Of(piece.Span), ++_frames).Write(_header);
            await stream.WriteAsync(_header).ConfigureAwait(false);
            await stream.WriteAsync(piece).ConfigureAwait(false);
            bytes = bytes[piece.Length..];
        }
    }

    void Lose(Outgoing message) => session.Node.Runtime.DeadLetter(message.Sender, message.Target, message.Message);
}
