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

    /// <summary>Reads a file. Line ends and a byte-order mark are kept as they are, as characters like any other.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tokens">What one token is.</param>
    /// <exception cref="UserErrorException">The file cannot be read, is empty, or is not UTF-8 where characters are asked for.</exception>
    public static TokenizedText ReadFile(string path, TokenKind tokens)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path}: the data cannot be read: {error.Message}", error);
        }

        return Of(bytes, tokens, path);
    }

    /// <summary>Tokenizes the content of a file.</summary>
    /// <param name="bytes">The content; kept, not copied, when a token is a byte.</param>
    /// <param name="tokens">What one token is.</param>
    /// <param name="fileName">What errors call it.</param>
    /// <exception cref="UserErrorException">It is empty, or not UTF-8 where characters are asked for.</exception>
    public static TokenizedText Of(byte[] bytes, TokenKind tokens, string fileName)
    {
        if (bytes.Length == 0)
            throw UserErrorException.At(fileName, "the file is empty, expected a text (data.source)");
        return tokens switch
        {
            TokenKind.Byte => new TokenizedText(Vocabulary.Bytes, TokenSequence.OfBytes(bytes)),
            TokenKind.Character => OfCharacters(bytes, fileName),
            _ => throw new ArgumentOutOfRangeException(nameof(tokens), tokens, "Unknown kind of token."),
        };
    }

    static TokenizedText OfCharacters(byte[] bytes, string fileName)
    {
        var seen = new BitArray(CodePoints);
        var count = 0;
        for (var at = 0; at < bytes.Length; count++)
        {
            if (Rune.DecodeFromUtf8(bytes.AsSpan(at), out var rune, out var length) != OperationStatus.Done)
                throw UserErrorException.At(fileName, $"byte {at} (0x{bytes[at]:X2}) is not UTF-8, expected UTF-8 text (or data.tokens: byte)");
            seen[rune.Value] = true;
            at += length;
        }

        var codePoints = Enumerable.Range(0, CodePoints).Where(c => seen[c]).ToArray();
        var idOf = new int[codePoints[^1] + 1];
        for (var id = 0; id < codePoints.Length; id++)
            idOf[codePoints[id]] = id;

        var tokens = new TokenSequence.Builder(count, codePoints.Length);
        for (var at = 0; at < bytes.Length;)
        {
            _ = Rune.DecodeFromUtf8(bytes.AsSpan(at), out var rune, out var length);
            tokens.Add(idOf[rune.Value]);
            at += length;
        }

        return new TokenizedText(new CharacterVocabulary(codePoints), tokens.ToSequence());
    }
}
