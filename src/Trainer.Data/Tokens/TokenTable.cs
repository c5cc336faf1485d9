using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Numbers tokens in the order in which they are first seen, until all rows are read and it is known which of them are trained on.</summary>
sealed class TokenTable
{
    readonly Dictionary<string, int> _ids = [];
    readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    readonly List<string> _tokens = [];

    public TokenTable() => _lookup = _ids.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Number of tokens.</summary>
    public int Count => _tokens.Count;

    /// <summary>The token with a number.</summary>
    public string this[int id] => _tokens[id];

    /// <summary>The number of a token.</summary>
    public int Add(ReadOnlySpan<char> token)
    {
        if (_lookup.TryGetValue(token, out var id)) return id;
        id = _tokens.Count;
        _tokens.Add(token.ToString());
        _ids.Add(_tokens[id], id);
        return id;
    }

    /// <summary>The numbers of a text's tokens.</summary>
    public int[] Split(string text, TokenKind kind)
    {
        var ids = new List<int>();
        for (var tokens = new TokenSplitter(text, kind); tokens.MoveNext();) ids.Add(Add(tokens.Current));
        return [.. ids];
    }

    /// <summary>A vocabulary of the tokens that occur in some sequences, into whose ids all sequences are changed in place.</summary>
    /// <param name="kind">Characters or words.</param>
    /// <param name="training">Sequences of numbers of this table whose tokens become known.</param>
    /// <param name="others">Sequences whose other tokens become unknown ones.</param>
    /// <param name="limit">Most tokens that become known, the most frequent ones; null for all.</param>
    public OpenVocabulary ToVocabulary(TokenKind kind, IReadOnlyList<int[]> training, IReadOnlyList<int[]> others, int? limit = null)
    {
        var (vocabulary, ids) = ToVocabulary(kind, CountsOf(training), limit);
        Recode(training, ids);
        Recode(others, ids);
        return vocabulary;
    }

    /// <summary>A vocabulary of the tokens that occur.</summary>
    /// <param name="kind">Characters or words.</param>
    /// <param name="counts">How often each number of this table occurs where its token becomes known.</param>
    /// <param name="limit">Most tokens that become known, the most frequent ones; null for all.</param>
    /// <returns>The vocabulary, and its id for each number of this table.</returns>
    public (OpenVocabulary Vocabulary, int[] Ids) ToVocabulary(TokenKind kind, int[] counts, int? limit)
    {
        var (known, ids) = (InOrder(counts, limit), new int[_tokens.Count]);
        for (var rank = 0; rank < known.Length; rank++) ids[known[rank]] = rank + 1;
        return (new OpenVocabulary(kind, [.. known.Select(id => _tokens[id])]), ids);
    }

    /// <summary>The tokens that occur in some sequences as names of classes, into whose ids the sequences are changed in place.</summary>
    /// <param name="sequences">Sequences of numbers of this table.</param>
    public LabelSet ToLabels(IReadOnlyList<int[]> sequences)
    {
        var known = InOrder(CountsOf(sequences));
        var ids = new int[_tokens.Count];
        for (var rank = 0; rank < known.Length; rank++) ids[known[rank]] = rank;
        Recode(sequences, ids);
        return new LabelSet(known.Select(id => _tokens[id]));
    }

    int[] CountsOf(IReadOnlyList<int[]> sequences)
    {
        var counts = new int[_tokens.Count];
        foreach (var sequence in sequences)
            foreach (var id in sequence)
                if (id >= 0)
                    counts[id]++;
        return counts;
    }

    int[] InOrder(int[] counts, int? limit = null)
    {
        var found = Enumerable.Range(0, counts.Length).Where(id => counts[id] > 0).ToArray();
        Array.Sort(found, ByName);
        if (limit is not { } most || found.Length <= most) return found;

        // Of equally frequent ones the first by name: the vocabulary must not depend on the order of the file.
        var frequent = found.OrderByDescending(id => counts[id]).Take(most).ToArray();
        Array.Sort(frequent, ByName);
        return frequent;
    }

    int ByName(int a, int b) => string.CompareOrdinal(_tokens[a], _tokens[b]);

    static void Recode(IReadOnlyList<int[]> sequences, int[] ids)
    {
        foreach (var sequence in sequences)
            foreach (ref var id in sequence.AsSpan())
                if (id >= 0)
                    id = ids[id];
    }
}
