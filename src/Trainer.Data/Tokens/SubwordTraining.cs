using System.Text;

namespace LstmCluster.Data;

/// <summary>Finds the pairs of tokens that become tokens: again and again the most frequent one, of equally frequent ones the one with the lower ids.</summary>
sealed class SubwordTraining
{
    readonly List<(List<int> Ids, int Count)> _pieces = [];
    readonly Dictionary<(int Left, int Right), int> _counts = [];
    readonly Dictionary<(int Left, int Right), HashSet<int>> _places = [];
    readonly PriorityQueue<(int Left, int Right), (long Rarity, int Left, int Right)> _queue = new();

    /// <param name="pieces">Each piece with the number of times that it comes.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    SubwordTraining(IEnumerable<KeyValuePair<string, int>> pieces, CancellationToken cancellation)
    {
        foreach (var (piece, count) in pieces)
        {
            cancellation.ThrowIfCancellationRequested();
            _pieces.Add(([.. Encoding.UTF8.GetBytes(piece).Select(value => (int)value)], count));
            Count(_pieces.Count - 1, count);
        }

        foreach (var pair in _counts.Keys) Enqueue(pair);
    }

    /// <summary>Makes a vocabulary.</summary>
    /// <param name="pieces">Each piece with the number of times that it comes.</param>
    /// <param name="size">Most tokens, 256 bytes among them; there are fewer when no pair comes twice any more.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    public static SubwordVocabulary Train(IEnumerable<KeyValuePair<string, int>> pieces, int size, CancellationToken cancellation = default)
    {
        var training = new SubwordTraining(pieces, cancellation);
        var merges = new List<(int, int)>();
        while (256 + merges.Count < size && training.MostFrequent() is { } pair)
        {
            cancellation.ThrowIfCancellationRequested();
            training.Merge(pair, 256 + merges.Count);
            merges.Add(pair);
        }

        return new SubwordVocabulary([.. merges]);
    }

    (int Left, int Right)? MostFrequent()
    {
        // What is in the queue may be of before a count changed; the present count is in it too.
        while (_queue.TryDequeue(out var pair, out var priority))
            if (_counts.GetValueOrDefault(pair) == -priority.Rarity)
                return priority.Rarity <= -2 ? pair : null;
        return null;
    }

    void Merge((int Left, int Right) pair, int token)
    {
        var changed = new HashSet<(int, int)>();
        foreach (var piece in _places[pair].ToArray())
        {
            var (ids, count) = _pieces[piece];
            foreach (var old in Pairs(ids)) changed.Add(old);
            Count(piece, -count);
            SubwordVocabulary.Replace(ids, pair, token);
            Count(piece, count);
            foreach (var fresh in Pairs(ids)) changed.Add(fresh);
        }

        foreach (var each in changed)
            if (_counts.ContainsKey(each))
                Enqueue(each);
    }

    void Enqueue((int Left, int Right) pair) => _queue.Enqueue(pair, (-_counts[pair], pair.Left, pair.Right));

    /// <summary>Adds the pairs of a piece so many times, or takes them away.</summary>
    void Count(int piece, int times)
    {
        foreach (var pair in Pairs(_pieces[piece].Ids))
        {
            var count = _counts.GetValueOrDefault(pair) + times;
            if (count == 0) _counts.Remove(pair);
            else _counts[pair] = count;
            if (!_places.TryGetValue(pair, out var places)) _places.Add(pair, places = []);
            if (times > 0) places.Add(piece);
            else places.Remove(piece);
            if (places.Count == 0) _places.Remove(pair);
        }
    }

    static IEnumerable<(int, int)> Pairs(List<int> ids)
    {
        for (var place = 1; place < ids.Count; place++) yield return (ids[place - 1], ids[place]);
    }
}
