using System.Text;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>The tokens that a model knows, with ids from 0. It can be kept as one string beside the weights.</summary>
public abstract class Vocabulary
{
    private protected const string BytePrefix = "byte";
    private protected const string CharacterPrefix = "char:";
    private protected const string OpenCharacterPrefix = "known-char:";
    private protected const string OpenWordPrefix = "known-word:";
    private protected const string SubwordPrefix = "bpe:";

    /// <summary>All 256 bytes.</summary>
    public static Vocabulary Bytes { get; } = new ByteVocabulary();

    /// <summary>Number of tokens, V.</summary>
    public abstract int Size { get; }

    /// <summary>The token that stands for all others; null where nothing is unknown.</summary>
    public virtual int? UnknownToken => null;

    /// <summary>What stands between the texts of two tokens.</summary>
    public virtual string Separator => "";

    /// <summary>The ids of a text.</summary>
    /// <param name="text">Well-formed text.</param>
    /// <exception cref="UserErrorException">It has a character that the vocabulary lacks and has no substitute for; names it.</exception>
    public abstract int[] Encode(string text);

    /// <summary>The text of ids; bytes that are not UTF-8 become U+FFFD.</summary>
    /// <param name="ids">Ids below <see cref="Size"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    public abstract string Decode(ReadOnlySpan<int> ids);

    /// <summary>The bytes of a token; they may be a part of a character.</summary>
    /// <param name="id">Below <see cref="Size"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    public virtual byte[] BytesOf(int id) => Encoding.UTF8.GetBytes(Decode([id]));

    /// <summary>The vocabulary as one string, from which <see cref="Parse"/> makes an equal one.</summary>
    public abstract string Serialize();

    /// <summary>Makes a vocabulary from its string.</summary>
    /// <param name="serialized">What <see cref="Serialize"/> gave.</param>
    /// <exception cref="CorruptFileException">It is not such a string.</exception>
    public static Vocabulary Parse(string serialized)
    {
        if (serialized == BytePrefix)
            return Bytes;
        if (serialized.StartsWith(SubwordPrefix, StringComparison.Ordinal)) return SubwordVocabulary.Parse(serialized[SubwordPrefix.Length..]);
        if (serialized.StartsWith(OpenCharacterPrefix, StringComparison.Ordinal))
            return OpenVocabulary.Parse(TokenKind.Character, serialized[OpenCharacterPrefix.Length..]);
        if (serialized.StartsWith(OpenWordPrefix, StringComparison.Ordinal))
            return OpenVocabulary.Parse(TokenKind.Word, serialized[OpenWordPrefix.Length..]);
        if (!serialized.StartsWith(CharacterPrefix, StringComparison.Ordinal))
            throw new CorruptFileException("the vocabulary is of a kind that this program does not know");
        var characters = serialized[CharacterPrefix.Length..].EnumerateRunes().Select(rune => rune.Value).ToArray();
        for (var i = 1; i < characters.Length; i++)
        {
            if (characters[i] <= characters[i - 1])
                throw new CorruptFileException("the vocabulary is not sorted");
        }

        return characters.Length > 0 ? new CharacterVocabulary(characters) : throw new CorruptFileException("the vocabulary is empty");
    }
}
