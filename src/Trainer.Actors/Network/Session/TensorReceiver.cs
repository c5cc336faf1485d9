namespace LstmCluster.Actors;

/// <summary>Reads payloads straight into their memory.</summary>
/// <remarks>Nothing is rented before a message on the control connection has announced it, so a peer cannot make this side hold bytes that belong to nothing.</remarks>
sealed class TensorReceiver(Session session, Stream stream)
{
    /// <summary>Longest piece of a payload that is taken in one frame.</summary>
    public const int MaxPieceBytes = 1 << 20;

    readonly byte[] _header = new byte[FrameHeader.Bytes];
    ulong _frames;

    public async Task RunAsync()
    {
        while (true)
        {
            var header = await ReadHeaderAsync().ConfigureAwait(false);
            var announced = await session.Inbox.NextPayloadAsync().ConfigureAwait(false);
            var payload = ElementTypes.Rent(session.Node.Pool, announced.Type, announced.Length);
            var complete = false;
            try
            {
                await ReceiveAsync(header, payload.Bytes).ConfigureAwait(false);
                complete = true;
            }
            finally
            {
                if (!complete) payload.Release();
            }

            session.Node.Statistics.CountPayloadReceived(payload.Bytes.Length);
            session.Inbox.Complete(announced, payload);
            session.CloseAfterGoodbye();
        }
    }

    async ValueTask<FrameHeader> ReadHeaderAsync()
    {
        await FillAsync(_header).ConfigureAwait(false);
        var header = FrameHeader.Parse(_header, MaxPieceBytes, ++_frames);
        if (header.Kind != FrameKind.Tensor || header.Length == 0) throw new FrameException($"{header.Kind} frame of {header.Length} bytes among payloads");
        return header;
    }

    async ValueTask ReceiveAsync(FrameHeader header, Memory<byte> rest)
    {
        while (true)
        {
            if (header.Length > rest.Length) throw new FrameException($"{header.Length} bytes for a payload that lacks {rest.Length}");
            var piece = rest[..header.Length];
            await FillAsync(piece).ConfigureAwait(false);
            header.Verify(piece.Span);
            rest = rest[header.Length..];
            if (rest.Length == 0) return;
            header = await ReadHeaderAsync().ConfigureAwait(false);
        }
    }

    async ValueTask FillAsync(Memory<byte> target)
    {
        while (target.Length > 0)
        {
            var count = await stream.ReadAsync(target).ConfigureAwait(false);
            if (count == 0) throw new EndOfStreamException("the other side closed the connection");
            session.Heard();
            target = target[count..];
        }
    }
}
