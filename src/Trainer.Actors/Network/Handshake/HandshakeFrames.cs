namespace LstmCluster.Actors;

/// <summary>Reads and writes the frames of a handshake, one at a time and not a byte further.</summary>
static class HandshakeFrames
{
    /// <exception cref="FrameException">What came is no frame of a handshake.</exception>
    /// <exception cref="EndOfStreamException">The other side hung up.</exception>
    public static async ValueTask<(FrameKind Kind, byte[] Body)> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var bytes = new byte[FrameHeader.Bytes];
        await stream.ReadExactlyAsync(bytes, cancellation).ConfigureAwait(false);
        var header = FrameHeader.Parse(bytes, Greeting.MaxBytes, number: 0);
        var body = new byte[header.Length];
        await stream.ReadExactlyAsync(body, cancellation).ConfigureAwait(false);
        header.Verify(body);
        return (header.Kind, body);
    }

    public static async ValueTask WriteAsync(Stream stream, FrameKind kind, Action<FrameBuffer> write, CancellationToken cancellation)
    {
        var buffer = new FrameBuffer();
        var start = buffer.BeginFrame();
        write(buffer);
        buffer.EndFrame(start, kind, number: 0);
        await stream.WriteAsync(buffer.Written, cancellation).ConfigureAwait(false);
        await stream.FlushAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Sends a greeting and reads the answer.</summary>
    /// <exception cref="HandshakeException">The other side refused.</exception>
    /// <exception cref="FrameException">The answer is none.</exception>
    public static async ValueTask<Welcome> GreetAsync(Stream stream, Hello hello, CancellationToken cancellation)
    {
        await WriteAsync(stream, FrameKind.Hello, hello.Write, cancellation).ConfigureAwait(false);
        var (kind, body) = await ReadAsync(stream, cancellation).ConfigureAwait(false);
        return kind switch
        {
            FrameKind.Welcome => Welcome.Read(body),
            FrameKind.Refused => throw Greeting.ReadRefusal(body),
            _ => throw new FrameException($"{kind} frame in answer to a greeting"),
        };
    }
}
