namespace LstmCluster.Protocol;

/// <summary>What reads the characters of each word (<c>model.characters:</c>): an LSTM in both directions, whose last states stand beside the word's own vector.</summary>
public sealed record CharacterOptions
{
    /// <summary>Features of a character's embedding.</summary>
    public int Embedding { get; init; } = 32;

    /// <summary>Units of each direction.</summary>
    public int Units { get; init; } = 32;

    /// <summary>Most characters of a word that are read: of a longer one as many of its beginning as of its end.</summary>
    public int Length { get; init; } = 32;
}
