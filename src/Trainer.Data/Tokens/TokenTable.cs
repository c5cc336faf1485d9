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

    /// <summary>The tokens that occur as names of classes.</summary>
    /// <param name="counts">How often each number of this table occurs.</param>
    /// <returns>The names, and the id for each number of this table.</returns>
    public (LabelSet Labels, int[] Ids) ToLabels(int[] counts)
    {
        var (known, ids) = (InOrder(counts), new int[_tokens.Count]);
        for (var rank = 0; rank < known.Length; rank++) ids[known[rank]] = rank;
        return (new LabelSet(known.Select(id => _tokens[id])), ids);
    }

    /// <summary>Changes a sequence in place from numbers of a table to ids; what is negative stays.</summary>
    public static void Recode(int[] sequence, int[] ids)
    {
        foreach (ref var id in sequence.AsSpan())
            if (id >= 0)
                id = ids[id];
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
}

/// <summary>How often each number of a table occurs.</summary>
sealed class TokenCounts
{
    int[] _counts = [];

    /// <summary>Counts numbers; negative ones stand for none.</summary>
    public void Add(ReadOnlySpan<int> sequence)
    {
        foreach (var id in sequence)
        {
            if (id < 0) continue;
            if (id >= _counts.Length) Array.Resize(ref _counts, Math.Max(2 * _counts.Length, id + 1));
            _counts[id]++;
        }
    }

    /// <summary>The count of each number of the table.</summary>
    public int[] Of(TokenTable table)
    {
        Array.Resize(ref _counts, table.Count);
        return _counts;
    }
}
