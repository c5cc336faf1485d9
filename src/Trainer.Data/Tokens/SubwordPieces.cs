using System.Globalization;

namespace LstmCluster.Data;

/// <summary>Goes through the pieces of a text within which byte pairs are merged: a word with the space before it, or white space of another kind.</summary>
/// <param name="text">The text.</param>
ref struct SubwordPieces(ReadOnlySpan<char> text)
{
    ReadOnlySpan<char> _rest = text;

    /// <summary>The piece that <see cref="MoveNext"/> found.</summary>
    public ReadOnlySpan<char> Current { get; private set; }

    /// <summary>Finds the next piece; false at the end.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty) return false;
        var end = _rest[0] == ' ' && _rest.Length > 1 && IsLetter(_rest[1]) ? 2 : 1;
        if (!char.IsWhiteSpace(_rest[end - 1]))
        {
            // Marks stand apart from letters, so that a word is the same piece at the end of a sentence.
            var letters = IsLetter(_rest[end - 1]);
            while (end < _rest.Length && !char.IsWhiteSpace(_rest[end]) && IsLetter(_rest[end]) == letters) end++;
        }

        Current = _rest[..end];
        _rest = _rest[end..];
        return true;
    }

    // Halves of a surrogate pair count as letters, so that no character is cut.
    static bool IsLetter(char character) => char.IsLetterOrDigit(character) || char.IsSurrogate(character) || char.GetUnicodeCategory(character) == UnicodeCategory.NonSpacingMark;
}
