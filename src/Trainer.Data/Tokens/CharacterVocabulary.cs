using System.Globalization;
using System.Text;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>The distinct Unicode code points of a text, sorted; a code point's id is its rank.</summary>
/// <param name="codePoints">Ascending.</param>
sealed class CharacterVocabulary(int[] codePoints) : Vocabulary
{
    public override int Size => codePoints.Length;

    /// <summary>The id of a code point, or a negative number.</summary>
    public int IdOf(int codePoint) => Array.BinarySearch(codePoints, codePoint);

    public override int[] Encode(string text)
    {
        var ids = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var id = IdOf(rune.Value);
            ids.Add(id >= 0 ? id : throw new UserErrorException($"{Shown(rune)} does not occur in the text that the model was trained on ({Size} characters do)"));
        }

        return [.. ids];
    }

    public override string Decode(ReadOnlySpan<int> ids)
    {
        var text = new StringBuilder(ids.Length);
        foreach (var id in ids)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)codePoints.Length, nameof(ids));
            text.Append(new Rune(codePoints[id]));
        }

        return text.ToString();
    }

    public override string Serialize() => CharacterPrefix + string.Concat(codePoints.Select(c => new Rune(c).ToString()));

    static string Shown(Rune rune)
    {
        var code = string.Create(CultureInfo.InvariantCulture, $"U+{rune.Value:X4}");
        return Rune.IsControl(rune) || Rune.IsWhiteSpace(rune) ? $"the character {code}" : $"the character \"{rune}\" ({code})";
    }
}
