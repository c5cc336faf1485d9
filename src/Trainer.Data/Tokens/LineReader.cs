using System.Text;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Goes through the lines of a text without making a string of each; a line must fit into memory.</summary>
/// <param name="reader">The text, which fails on bytes that are no characters; it stays the caller's.</param>
/// <param name="name">What errors call it.</param>
sealed class LineReader(TextReader reader, string name)
{
    // Few enough that an error names about the line in which it is.
    const int CharactersAtOnce = 1 << 12;

    char[] _characters = new char[2 * CharactersAtOnce];
    int _at, _end, _start, _length;
    bool _isOver;

    /// <summary>Number of the line that <see cref="MoveNext"/> found, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The line, without its end.</summary>
    public ReadOnlySpan<char> Current => _characters.AsSpan(_start, _length);

    /// <summary>Finds the next line, which ends with a line feed, a carriage return, both, or the text; false when there is none.</summary>
    /// <exception cref="UserErrorException">It cannot be read; names the line.</exception>
    public bool MoveNext()
    {
        for (var searched = 0; ;)
        {
            var found = _characters.AsSpan(_at + searched, _end - _at - searched).IndexOfAny('\r', '\n');
            if (found >= 0 && IsWhole(_at + searched + found)) return Take(searched + found, _characters[_at + searched + found]);
            searched = found >= 0 ? searched + found : _end - _at;
            if (_isOver) return _at < _end && Take(_end - _at, end: '\0');
            ReadMore();
        }
    }

    /// <summary>False for a carriage return of which it is not known yet whether a line feed follows.</summary>
    bool IsWhole(int place) => _characters[place] == '\n' || place + 1 < _end || _isOver;

    bool Take(int length, char end)
    {
        (_start, _length) = (_at, length);
        var ends = end == '\0' ? 0 : end == '\r' && _at + length + 1 < _end && _characters[_at + length + 1] == '\n' ? 2 : 1;
        _at += length + ends;
        Number++;
        return true;
    }

    void ReadMore()
    {
        _characters.AsSpan(_at, _end - _at).CopyTo(_characters);
        (_end, _at) = (_end - _at, 0);
        if (_characters.Length - _end < CharactersAtOnce) Array.Resize(ref _characters, 2 * _characters.Length);
        try
        {
            var read = reader.Read(_characters.AsSpan(_end, CharactersAtOnce));
            (_end, _isOver) = (_end + read, read == 0);
        }
        catch (DecoderFallbackException error)
        {
            throw new UserErrorException($"{name}:{Number + 1}: not UTF-8 from about here on, expected UTF-8 text", error);
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            throw FileContent.Unreadable(name, error);
        }
    }
}
