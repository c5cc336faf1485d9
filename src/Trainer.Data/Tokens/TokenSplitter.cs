using System.Text;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Goes through the tokens of a text one by one, without copying them: code points, or words between white space.</summary>
/// <param name="text">Well-formed text.</param>
/// <param name="kind">Characters or words.</param>
ref struct TokenSplitter(ReadOnlySpan<char> text, TokenKind kind)
{
    ReadOnlySpan<char> _rest = text;

    /// <summary>The token that <see cref="MoveNext"/> found.</summary>
    public ReadOnlySpan<char> Current { get; private set; }

    /// <summary>Finds the next token; false at the end.</summary>
    public bool MoveNext()
    {
        if (kind == TokenKind.Word) _rest = _rest.TrimStart();
        if (_rest.IsEmpty) return false;
        var length = kind switch
        {
            TokenKind.Word => WordLength(),
            TokenKind.Character => Rune.DecodeFromUtf16(_rest, out _, out var units) == System.Buffers.OperationStatus.Done ? units : 1,
            _ => throw new InvalidOperationException($"{kind} are not tokens of a text"),
        };
        Current = _rest[..length];
        _rest = _rest[length..];
        return true;
    }

    readonly int WordLength()
    {
        for (var end = 1; end < _rest.Length; end++)
        {
            if (char.IsWhiteSpace(_rest[end])) return end;
        }

        return _rest.Length;
    }
}
