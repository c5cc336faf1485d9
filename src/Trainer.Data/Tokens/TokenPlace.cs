namespace LstmCluster.Data;

/// <summary>Where the tokens of a text are kept: in memory, or in files, so that a text may be larger than memory.</summary>
/// <param name="folder">An empty folder; null for memory.</param>
sealed class TokenPlace(string? folder)
{
    /// <summary>Name of the file with the tokens.</summary>
    public const string TokensFile = "tokens.bin";

    /// <summary>In memory.</summary>
    public static TokenPlace Memory { get; } = new(null);

    /// <summary>Makes what holds numbers while it is not known yet which token each of them is.</summary>
    public IdSpool NewSpool() => new(folder is null ? null : SpoolFile.Create(folder));

    /// <summary>Makes what takes the tokens.</summary>
    /// <param name="count">How many there will be.</param>
    /// <param name="vocabularySize">Size of their vocabulary.</param>
    public TokenSink NewSink(int count, int vocabularySize) =>
        folder is null ? new TokenSequence.Builder(count, vocabularySize) : new TokenFileWriter(Path.Combine(folder, TokensFile), vocabularySize);
}

/// <summary>Takes the tokens of a text, one behind the other.</summary>
abstract class TokenSink : IDisposable
{
    /// <summary>Takes a token.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not in the vocabulary.</exception>
    public abstract void Add(int id);

    /// <summary>All tokens, when there are no more.</summary>
    public abstract TokenSequence ToSequence();

    /// <summary>Closes what is open.</summary>
    public virtual void Dispose()
    {
    }
}
