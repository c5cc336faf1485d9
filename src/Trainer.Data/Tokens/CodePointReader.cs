using System.Buffers;
using System.Text;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Goes through the code points of a stream of UTF-8, a block at a time.</summary>
/// <param name="stream">The stream; it stays the caller's.</param>
/// <param name="name">What errors call it.</param>
sealed class CodePointReader(Stream stream, string name)
{
    const int BlockBytes = 1 << 16;

    readonly byte[] _block = new byte[BlockBytes];
    int _at, _end;
    long _before;

    /// <summary>The code point that <see cref="MoveNext"/> found.</summary>
    public int Current { get; private set; }

    /// <summary>Finds the next code point; false at the end.</summary>
    /// <exception cref="UserErrorException">The bytes are no UTF-8; names the first of them.</exception>
    public bool MoveNext()
    {
        if (_at == _end && !ReadMore()) return false;
        var first = _block[_at];
        if (first >= 0x80) return Decode();
        _at++;
        Current = first;
        return true;
    }

    bool Decode()
    {
        while (true)
        {
            var status = Rune.DecodeFromUtf8(_block.AsSpan(_at, _end - _at), out var rune, out var length);
            if (status == OperationStatus.NeedMoreData && ReadMore()) continue;
            if (status != OperationStatus.Done)
                throw UserErrorException.At(name, $"byte {_before + _at} (0x{_block[_at]:X2}) is not UTF-8, expected UTF-8 text (or data.tokens: byte)");
            _at += length;
            Current = rune.Value;
            return true;
        }
    }

    /// <summary>Reads behind what is left, which may be the beginning of a code point.</summary>
    bool ReadMore()
    {
        _block.AsSpan(_at, _end - _at).CopyTo(_block);
        (_before, _end, _at) = (_before + _at, _end - _at, 0);
        var read = stream.Read(_block.AsSpan(_end));
        _end += read;
        return read > 0;
    }
}
