using System.Text.Json;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>The tokens seen in training, sorted, with ids from 1; id 0 stands for every other token.</summary>
/// <remarks>So a text that was not trained on can always be read, as an open set of words needs it.</remarks>
sealed class OpenVocabulary : Vocabulary
{
    /// <summary>Id of a token that was not seen in training.</summary>
    public const int Unknown = 0;

    const string UnknownCharacter = "\uFFFD", UnknownWord = "<unk>";

    readonly TokenKind _kind;
    readonly string[] _tokens;
    readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;

    /// <param name="kind">Characters or words.</param>
    /// <param name="tokens">Each once, in ordinal order.</param>
    public OpenVocabulary(TokenKind kind, string[] tokens)
    {
        (_kind, _tokens) = (kind, tokens);
        var ids = new Dictionary<string, int>(tokens.Length);
        for (var index = 0; index < tokens.Length; index++) ids.Add(tokens[index], index + 1);
        _ids = ids.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public override int Size => _tokens.Length + 1;

    public override int? UnknownToken => Unknown;

    public override string Separator => _kind == TokenKind.Word ? " " : "";

    public override int[] Encode(string text)
    {
        var ids = new List<int>();
        for (var tokens = new TokenSplitter(text, _kind); tokens.MoveNext();) ids.Add(_ids.TryGetValue(tokens.Current, out var id) ? id : Unknown);
        return [.. ids];
    }

    public override string Decode(ReadOnlySpan<int> ids)
    {
        var texts = new string[ids.Length];
        for (var index = 0; index < ids.Length; index++)
            texts[index] = ids[index] == Unknown ? _kind == TokenKind.Word ? UnknownWord : UnknownCharacter : _tokens[ids[index] - 1];
        return string.Join(Separator, texts);
    }

    public override string Serialize() => (_kind == TokenKind.Word ? OpenWordPrefix : OpenCharacterPrefix) + JsonSerializer.Serialize(_tokens);

    /// <summary>Makes a vocabulary from the list in its string.</summary>
    /// <exception cref="CorruptFileException">It is not a list of sorted tokens.</exception>
    public static OpenVocabulary Parse(TokenKind kind, string list)
    {
        string[]? tokens;
        try
        {
            tokens = JsonSerializer.Deserialize<string[]>(list);
        }
        catch (JsonException error)
        {
            throw new CorruptFileException($"the vocabulary cannot be read: {error.Message}", error);
        }

        if (tokens is null or []) throw new CorruptFileException("the vocabulary is empty");
        for (var index = 1; index < tokens.Length; index++)
        {
            if (string.CompareOrdinal(tokens[index], tokens[index - 1]) <= 0) throw new CorruptFileException("the vocabulary is not sorted");
        }

        return new OpenVocabulary(kind, tokens);
    }
}
