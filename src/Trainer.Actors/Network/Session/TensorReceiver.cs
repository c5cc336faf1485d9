namespace LstmCluster.Actors;

/// <summary>Reads payloads straight into their memory.</summary>
/// <remarks>
/// Nothing is rented before a message on the control connection has announced it, so a peer cannot make this side hold bytes that belong to nothing.
/// It has a thread of its own, so that large transfers neither wait for the thread pool nor occupy it.
/// </remarks>
sealed class TensorReceiver(Session session, Stream stream)
{
    /// <summary>Longest piece of a payload that is taken in one frame.</summary>
    public const int MaxPieceBytes = 1 << 20;

    readonly byte[] _header = new byte[FrameHeader.Bytes];
    ulong _frames;

    /// <summary>Reads until the connection ends.</summary>
    /// <exception cref="FrameException">Bytes that are no payload.</exception>
    /// <exception cref="EndOfStreamException">The connection ended.</exception>
    public void Run()
    {
        while (true)
        {
            var header = ReadHeader();
            var announced = session.Inbox.NextPayload();
            var payload = ElementTypes.Rent(session.Node.Pool, announced.Type, announced.Length);
            var complete = false;
            try
            {
                Receive(header, payload.Bytes.Span);
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

    FrameHeader ReadHeader()
    {
        Fill(_header);
        var header = FrameHeader.Parse(_header, MaxPieceBytes, ++_frames);
        if (header.Kind != FrameKind.Tensor || header.Length == 0) throw new FrameException($"{header.Kind} frame of {header.Length} bytes among payloads");
        return header;
    }

    void Receive(FrameHeader header, Span<byte> rest)
    {
        while (true)
        {
            if (header.Length > rest.Length) throw new FrameException($"{header.Length} bytes for a payload that lacks {rest.Length}");
            var piece = rest[..header.Length];
            Fill(piece);
            header.Verify(piece);
            rest = rest[header.Length..];
            if (rest.Length == 0) return;
            header = ReadHeader();
        }
    }

    void Fill(Span<byte> target)
    {
        while (target.Length > 0)
        {
            // Under TLS it is not these bytes that come.
            (stream as SocketStream)?.Expect(target.Length == FrameHeader.Bytes ? FrameHeader.Bytes + 1 : target.Length);
            var count = stream.Read(target);
            if (count == 0) throw new EndOfStreamException("the other side closed the connection");
            session.Heard();
            target = target[count..];
        }
    }
}
