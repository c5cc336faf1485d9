using System.Text;

namespace LstmCluster.Data;

/// <summary>
/// The text of a stream whose writer may pause at any time: what has come is handed out before more is asked for. A <see cref="StreamReader"/> asks again where what came fills its buffer, and then waits.
/// </summary>
/// <param name="stream">The stream; it stays the caller's.</param>
/// <param name="encoding">How bytes are characters. Its preamble is passed over.</param>
sealed class PromptText(Stream stream, Encoding encoding) : TextReader
{
    const int BlockBytes = 1 << 12;

    readonly Decoder _decoder = encoding.GetDecoder();
    readonly byte[] _bytes = new byte[BlockBytes];
    readonly char[] _characters = new char[encoding.GetMaxCharCount(BlockBytes)];
    readonly StringBuilder _line = new();
    int _preamble = encoding.Preamble.Length;
    int _kept, _at, _end;
    bool _isOver, _endedWithReturn;

    /// <inheritdoc/>
    public override int Peek() => HasMore() ? _characters[_at] : -1;

    /// <inheritdoc/>
    public override int Read() => HasMore() ? _characters[_at++] : -1;

    /// <inheritdoc/>
    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override int Read(Span<char> buffer)
    {
        if (buffer.IsEmpty || !HasMore()) return 0;
        var count = Math.Min(buffer.Length, _end - _at);
        _characters.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    /// <inheritdoc/>
    public override string? ReadLine()
    {
        if (!HasMore()) return null;
        for (_line.Clear(); HasMore();)
        {
            var rest = _characters.AsSpan(_at, _end - _at);
            var found = rest.IndexOfAny('\r', '\n');
            _line.Append(found < 0 ? rest : rest[..found]);
            _at += found < 0 ? rest.Length : found + 1;
            if (found < 0) continue;
            // Whether a line feed follows is seen when the next line is read: it need not have come yet.
            _endedWithReturn = rest[found] == '\r';
            break;
        }

        return _line.ToString();
    }

    /// <summary>Asks the stream only when nothing is left.</summary>
    bool HasMore()
    {
        while (true)
        {
            if (_at == _end && !Fill()) return false;
            var isRestOfEnd = _endedWithReturn && _characters[_at] == '\n';
            _endedWithReturn = false;
            if (!isRestOfEnd) return true;
            _at++;
        }
    }

    bool Fill()
    {
        // What has come may be a part of a character.
        for ((_at, _end) = (0, 0); _end == 0 && !_isOver;)
        {
            var read = stream.Read(_bytes.AsSpan(_kept));
            _isOver = read == 0;
            var bytes = _bytes.AsSpan(0, _kept + read);
            _kept = 0;
            if (_preamble > 0)
            {
                if (!_isOver && bytes.Length < _preamble && encoding.Preamble.StartsWith(bytes))
                {
                    _kept = bytes.Length;
                    continue;
                }

                if (bytes.StartsWith(encoding.Preamble)) bytes = bytes[_preamble..];
                _preamble = 0;
            }

            _end = _decoder.GetChars(bytes, _characters, flush: _isOver);
        }

        return _end > 0;
    }
}
