using System.Text;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>The characters of words as numbers: those of each different word are kept once, however often it comes.</summary>
/// <param name="longest">Most characters of a word that are read.</param>
sealed class WordCharacters(int longest)
{
    int[][] _words = [];

    /// <summary>The characters of a word, after <see cref="Complete"/>.</summary>
    /// <param name="word">Number of the word.</param>
    public int[] Of(int word) => _words[word];

    /// <summary>Gives the characters of all words their ids.</summary>
    /// <param name="words">The words.</param>
    /// <param name="counts">How often each of them is trained on: the characters of those that are become known.</param>
    public Vocabulary Complete(TokenTable words, int[] counts)
    {
        var (table, known) = (new TokenTable(), new TokenCounts());
        _words = new int[words.Count][];
        for (var word = 0; word < _words.Length; word++)
        {
            _words[word] = table.Split(Read(words[word], longest), TokenKind.Character);
            if (counts[word] > 0) known.Add(_words[word]);
        }

        var (vocabulary, ids) = table.ToVocabulary(TokenKind.Character, known.Of(table), limit: null);
        foreach (var word in _words) TokenTable.Recode(word, ids);
        return vocabulary;
    }

    /// <summary>What is read of a word: all of it, or as many characters of its beginning as of its end, where endings tell most.</summary>
    public static string Read(string word, int longest)
    {
        if (word.Length <= longest) return word;
        var runes = word.EnumerateRunes().ToArray();
        if (runes.Length <= longest) return word;
        var text = new StringBuilder();
        foreach (var rune in runes.AsSpan(0, (longest + 1) / 2)) text.Append(rune);
        foreach (var rune in runes.AsSpan(runes.Length - (longest / 2))) text.Append(rune);
        return text.ToString();
    }
}
