using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>A text as token ids, with the vocabulary that gives them meaning.</summary>
/// <param name="Vocabulary">The vocabulary, taken from the whole text.</param>
/// <param name="Tokens">The whole text.</param>
public sealed record TokenizedText(Vocabulary Vocabulary, TokenSequence Tokens)
{
    /// <summary>Tokens of each part, where they were cut before they became tokens; null where they are cut by the tokens.</summary>
    internal TextCut? Parts { get; init; }

    /// <summary>Number of tokens up to the end of each file, where the text is from several.</summary>
    public IReadOnlyList<int> FileEnds { get; init; } = [Tokens.Count];

    /// <summary>Reads files, block by block.</summary>
    /// <param name="files">The files in their order.</param>
    /// <param name="data">What one token is.</param>
    /// <param name="place">Where the tokens are kept.</param>
    /// <exception cref="UserErrorException">A file cannot be read, is empty, or is not UTF-8 where characters are asked for.</exception>
    internal static TokenizedText Read(TextFiles files, DataOptions data, TokenPlace place) => data.Tokens switch
    {
        TokenKind.Word => WordText.Read(files, data, place),
        TokenKind.Subword => SubwordText.Read(files, data, place),
        _ => Of([.. files.Paths.Select(path => TextContent.Of(path, files.Cancellation))], data.Tokens, place),
    };

    /// <summary>Tokenizes the content of a file. Line ends and byte-order marks are kept as they are, as characters like any other.</summary>
    /// <param name="bytes">The content.</param>
    /// <param name="tokens">What one token is: a byte or a character.</param>
    /// <param name="fileName">What errors call it.</param>
    /// <exception cref="UserErrorException">It is empty, or not UTF-8 where characters are asked for.</exception>
    public static TokenizedText Of(byte[] bytes, TokenKind tokens, string fileName) => Of([new TextContent(fileName, () => new MemoryStream(bytes, writable: false))], tokens, TokenPlace.Memory);

    static TokenizedText Of(IReadOnlyList<TextContent> files, TokenKind tokens, TokenPlace place) => tokens switch
    {
        TokenKind.Byte => PlainText.Bytes(files, place),
        TokenKind.Character => PlainText.Characters(files, place),
        _ => throw new ArgumentOutOfRangeException(nameof(tokens), tokens, "Unknown kind of token."),
    };
}
