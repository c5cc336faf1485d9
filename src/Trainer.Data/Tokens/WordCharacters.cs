using System.Text;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>The characters of words as numbers: those of each different word are kept once, however often it comes.</summary>
/// <param name="longest">Most characters of a word that are read.</param>
sealed class WordCharacters(int longest)
{
    readonly TokenTable _table = new();
    readonly List<int[]> _words = [];

    /// <summary>The characters of a word.</summary>
    /// <param name="word">Number of the word; they are given from 0, one after the other.</param>
    /// <param name="text">The word.</param>
    public int[] Of(int word, string text)
    {
        while (_words.Count <= word) _words.Add([]);
        if (_words[word].Length == 0) _words[word] = _table.Split(Read(text, longest), TokenKind.Character);
        return _words[word];
    }

    /// <summary>Gives the characters of all words their ids, in place.</summary>
    /// <param name="training">Numbers of words that are trained on: their characters become known.</param>
    public Vocabulary Complete(IEnumerable<int> training)
    {
        var isKnown = new bool[_words.Count];
        foreach (var word in training) isKnown[word] = true;
        return _table.ToVocabulary(TokenKind.Character, [.. _words.Where((_, word) => isKnown[word])], [.. _words.Where((_, word) => !isKnown[word])]);
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
