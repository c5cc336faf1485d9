using System.Runtime.InteropServices;

namespace LstmCluster.Compute;

/// <summary>
/// The different words of each shard of a batch, and which of them stands at each position: a word that comes often is read once. No word is shared between shards, and those of a shard
/// are numbered in the order in which they come, row by row: so what is computed for a shard does not depend on which others its worker has.
/// </summary>
sealed class DistinctWords
{
    const int End = -1;

    readonly SameWord _same = new();
    readonly Dictionary<int, int> _rows;
    readonly List<int> _firstPlaces = [];
    readonly List<ShardRows> _shards = [];
    int[] _written = [], _rowOf = [], _characters = [], _lengths = [];

    public DistinctWords() => _rows = new Dictionary<int, int>(_same);

    /// <summary>C and W: characters of the longest word, and words of all shards.</summary>
    public BatchShape Shape { get; private set; }

    /// <summary>[C,W]; 0 beyond a word's end.</summary>
    public ReadOnlySpan<int> Characters => _characters.AsSpan(0, Shape.Positions);

    /// <summary>[W], characters of each word; 0 for what stands beyond a row's end.</summary>
    public ReadOnlySpan<int> Lengths => _lengths.AsSpan(0, Shape.Rows);

    /// <summary>The words of each shard, at least one.</summary>
    public ReadOnlySpan<ShardRows> Shards => CollectionsMarshal.AsSpan(_shards);

    /// <summary>[T,N], which word stands at each position.</summary>
    public ReadOnlySpan<int> RowOf(int positions) => _rowOf.AsSpan(0, positions);

    /// <summary>Takes in the words of a batch.</summary>
    /// <param name="characters">[T,N,C]; a word ends before its first negative one, or at C.</param>
    /// <param name="rows">The batch's rows.</param>
    /// <exception cref="ArgumentException">A word has no characters.</exception>
    public void Find(ReadOnlySpan<int> characters, BatchRows rows)
    {
        var shape = rows.Shape;
        var longest = characters.Length / shape.Positions;
        Write(characters, longest, rows);
        _same.Words(_written, longest);
        if (_rowOf.Length < shape.Positions) _rowOf = new int[shape.Positions];
        _firstPlaces.Clear();
        _shards.Clear();
        foreach (var (shard, range) in rows.Shards)
        {
            var first = _firstPlaces.Count;
            _rows.Clear();
            for (var row = range.First; row < range.First + range.Count; row++)
                for (var step = 0; step < shape.Steps; step++)
                    _rowOf[(step * shape.Rows) + row] = RowOfPlace((step * shape.Rows) + row);
            _shards.Add(new ShardRows(shard, new RowRange(first, _firstPlaces.Count - first)));
        }

        Shape = new BatchShape(longest, _firstPlaces.Count);
        Gather();
    }

    /// <summary>Copies the words so that equal ones have equal elements: nothing behind their end, and no word beyond the end of a row.</summary>
    void Write(ReadOnlySpan<int> characters, int longest, BatchRows rows)
    {
        if (_written.Length < characters.Length) _written = new int[characters.Length];
        var lengths = rows.Lengths;
        for (var place = 0; place < rows.Shape.Positions; place++)
        {
            var from = characters.Slice(place * longest, longest);
            var to = _written.AsSpan(place * longest, longest);
            var (step, row) = (place / rows.Shape.Rows, place % rows.Shape.Rows);
            var isPadding = !lengths.IsEmpty && step >= lengths[row];
            var end = isPadding ? 0 : LengthOf(from);
            if (end == 0 && !isPadding) throw new ArgumentException($"the token at step {step} of row {row} has no characters: expected at least one", nameof(characters));
            from[..end].CopyTo(to);
            to[end..].Fill(End);
        }
    }

    int RowOfPlace(int place)
    {
        if (_rows.TryGetValue(place, out var row)) return row;
        _rows.Add(place, row = _firstPlaces.Count);
        _firstPlaces.Add(place);
        return row;
    }

    void Gather()
    {
        if (_characters.Length < Shape.Positions) _characters = new int[Shape.Positions];
        if (_lengths.Length < Shape.Rows) _lengths = new int[Shape.Rows];
        _characters.AsSpan(0, Shape.Positions).Clear();
        for (var row = 0; row < Shape.Rows; row++)
        {
            var word = _written.AsSpan(_firstPlaces[row] * Shape.Steps, Shape.Steps);
            _lengths[row] = LengthOf(word);
            for (var step = 0; step < _lengths[row]; step++) _characters[(step * Shape.Rows) + row] = word[step];
        }
    }

    static int LengthOf(ReadOnlySpan<int> word)
    {
        var end = word.IndexOfAnyInRange(int.MinValue, End);
        return end < 0 ? word.Length : end;
    }

    /// <summary>Two places are the same when the same word stands there.</summary>
    sealed class SameWord : IEqualityComparer<int>
    {
        int[] _written = [];
        int _longest;

        public void Words(int[] written, int longest) => (_written, _longest) = (written, longest);

        public bool Equals(int a, int b) => At(a).SequenceEqual(At(b));

        public int GetHashCode(int place)
        {
            var hash = new HashCode();
            hash.AddBytes(MemoryMarshal.AsBytes(At(place)));
            return hash.ToHashCode();
        }

        ReadOnlySpan<int> At(int place) => _written.AsSpan(place * _longest, _longest);
    }
}
