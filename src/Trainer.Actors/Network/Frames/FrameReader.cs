namespace LstmCluster.Actors;

/// <summary>Cuts the bytes of a connection into frames and checks them.</summary>
/// <param name="stream">The connection.</param>
/// <param name="maxLength">Longest body.</param>
/// <param name="heard">Called whenever bytes have come.</param>
sealed class FrameReader(Stream stream, int maxLength, Action heard)
{
    byte[] _buffer = new byte[64 << 10];
    int _start;
    int _end;
    ulong _number;

    /// <summary>Reads the next frame. Its body is valid until the next call.</summary>
    /// <exception cref="FrameException">Bytes that are no frame.</exception>
    /// <exception cref="EndOfStreamException">The connection ended.</exception>
    public async ValueTask<(FrameKind Kind, ReadOnlyMemory<byte> Body)> ReadAsync()
    {
        await FillAsync(FrameHeader.Bytes).ConfigureAwait(false);
        var header = FrameHeader.Parse(_buffer.AsSpan(_start, FrameHeader.Bytes), maxLength, ++_number);
        await FillAsync(FrameHeader.Bytes + header.Length).ConfigureAwait(false);
        var body = _buffer.AsMemory(_start + FrameHeader.Bytes, header.Length);
        _start += FrameHeader.Bytes + header.Length;
        header.Verify(body.Span);
        return (header.Kind, body);
    }

    /// <summary>Reads until so many bytes lie in one piece.</summary>
    async ValueTask FillAsync(int bytes)
    {
        if (_end - _start >= bytes) return;
        if (_buffer.Length - _start < bytes)
        {
            var target = bytes > _buffer.Length ? new byte[Math.Max(bytes, Math.Min(2 * _buffer.Length, FrameHeader.Bytes + maxLength))] : _buffer;
            _buffer.AsSpan(_start, _end - _start).CopyTo(target);
            (_buffer, _start, _end) = (target, 0, _end - _start);
        }

        while (_end - _start < bytes)
        {
            var count = await stream.ReadAsync(_buffer.AsMemory(_end)).ConfigureAwait(false);
            if (count == 0) throw new EndOfStreamException("the other side closed the connection");
            _end += count;
            heard();
        }
    }
}
