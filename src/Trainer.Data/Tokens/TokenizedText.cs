using System.Buffers;
using System.Collections;
using System.Text;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>A text as token ids, with the vocabulary that gives them meaning.</summary>
/// <param name="Vocabulary">The vocabulary, taken from the whole text.</param>
/// <param name="Tokens">The whole text.</param>
public sealed record TokenizedText(Vocabulary Vocabulary, TokenSequence Tokens)
{
    const int CodePoints = 0x110000;

    /// <summary>Tokens of each part, where they were cut before they became tokens; null where they are cut by the tokens.</summary>
    internal TextCut? Parts { get; init; }

    /// <summary>Number of tokens up to the end of each file, where the text is from several.</summary>
    public IReadOnlyList<int> FileEnds { get; init; } = [Tokens.Count];

    /// <summary>Reads files. Line ends and byte-order marks are kept as they are, as characters like any other.</summary>
    /// <param name="files">The files in their order.</param>
    /// <param name="data">What one token is.</param>
    /// <exception cref="UserErrorException">A file cannot be read, is empty, or is not UTF-8 where characters are asked for.</exception>
    internal static TokenizedText Read(TextFiles files, DataOptions data) => data.Tokens switch
    {
        TokenKind.Word => WordText.Read(files, data),
        TokenKind.Subword => SubwordText.Read(files, data),
        _ => Of([.. files.Paths.Select(path => (path, FileContent.ReadAll(path)))], data.Tokens),
    };

    /// <summary>Tokenizes the content of a file.</summary>
    /// <param name="bytes">The content; kept, not copied, when a token is a byte.</param>
    /// <param name="tokens">What one token is.</param>
    /// <param name="fileName">What errors call it.</param>
    /// <exception cref="UserErrorException">It is empty, or not UTF-8 where characters are asked for.</exception>
    public static TokenizedText Of(byte[] bytes, TokenKind tokens, string fileName) => Of([(fileName, bytes)], tokens);

    static TokenizedText Of(IReadOnlyList<(string Name, byte[] Bytes)> files, TokenKind tokens)
    {
        foreach (var (name, bytes) in files)
            if (bytes.Length == 0)
                throw UserErrorException.At(name, "the file is empty, expected a text (data.source)");
        return tokens switch
        {
            TokenKind.Byte => OfBytes(files),
            TokenKind.Character => OfCharacters(files),
            _ => throw new ArgumentOutOfRangeException(nameof(tokens), tokens, "Unknown kind of token."),
        };
    }

    static TokenizedText OfBytes(IReadOnlyList<(string Name, byte[] Bytes)> files)
    {
        var all = files.Count == 1 ? files[0].Bytes : [.. files.SelectMany(file => file.Bytes)];
        var (ends, end) = (new int[files.Count], 0);
        for (var file = 0; file < ends.Length; file++) ends[file] = end += files[file].Bytes.Length;
        return new TokenizedText(Vocabulary.Bytes, TokenSequence.OfBytes(all)) { FileEnds = ends };
    }

    static TokenizedText OfCharacters(IReadOnlyList<(string Name, byte[] Bytes)> files)
    {
        var (seen, ends, count) = (new BitArray(CodePoints), new int[files.Count], 0);
        for (var file = 0; file < ends.Length; file++)
        {
            var (name, bytes) = files[file];
            for (var at = 0; at < bytes.Length; count++)
            {
                if (Rune.DecodeFromUtf8(bytes.AsSpan(at), out var rune, out var length) != OperationStatus.Done)
                    throw UserErrorException.At(name, $"byte {at} (0x{bytes[at]:X2}) is not UTF-8, expected UTF-8 text (or data.tokens: byte)");
                seen[rune.Value] = true;
                at += length;
            }

            ends[file] = count;
        }

        var codePoints = Enumerable.Range(0, CodePoints).Where(c => seen[c]).ToArray();
        var idOf = new int[codePoints[^1] + 1];
        for (var id = 0; id < codePoints.Length; id++)
            idOf[codePoints[id]] = id;

        var tokens = new TokenSequence.Builder(count, codePoints.Length);
        foreach (var (_, bytes) in files)
        {
            for (var at = 0; at < bytes.Length;)
            {
                _ = Rune.DecodeFromUtf8(bytes.AsSpan(at), out var rune, out var length);
                tokens.Add(idOf[rune.Value]);
                at += length;
            }
        }

        return new TokenizedText(new CharacterVocabulary(codePoints), tokens.ToSequence()) { FileEnds = ends };
    }
}
