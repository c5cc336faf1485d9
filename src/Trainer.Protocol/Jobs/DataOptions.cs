namespace LstmCluster.Protocol;

/// <summary>Where the data come from and how they become tokens (<c>data:</c>).</summary>
public sealed record DataOptions
{
    /// <summary>A file, relative to the current directory, or <c>npm:PACKAGE@VERSION#FILE</c>.</summary>
    public required string Source { get; init; }

    /// <summary>What one token is.</summary>
    public TokenKind Tokens { get; init; } = TokenKind.Character;

    /// <summary>Fraction of the tokens, the last ones, that is kept for validation: from 0 (none) up to, but not including, 1.</summary>
    public double Validation { get; init; } = 0.1;
}

/// <summary>What one token of a text is.</summary>
public enum TokenKind
{
    /// <summary>A Unicode code point; the vocabulary is the distinct ones of the whole text, sorted.</summary>
    Character,

    /// <summary>A byte; the vocabulary is all 256.</summary>
    Byte,
}
