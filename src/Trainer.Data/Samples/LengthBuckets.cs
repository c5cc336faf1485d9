namespace LstmCluster.Data;

/// <summary>
/// Puts rows of like length into the same batch, so that less is padding: of so many consecutive batches of the shuffle the rows are sorted by length, and then the batches are
/// shuffled. It stays a pure function of seed and epoch.
/// </summary>
/// <param name="lengths">Length of each sample.</param>
/// <param name="cut">How a pass is cut into batches.</param>
/// <param name="batches">Batches whose rows are sorted together.</param>
sealed class LengthBuckets(int[] lengths, PassCut cut, int batches)
{
    // The third counter word, apart from that of the shuffle of rows.
    const uint BatchStream = 1;

    readonly long[] _keys = new long[lengths.Length];
    readonly int[] _copy = new int[lengths.Length];

    /// <summary>Batches of the job's size; the last one of a pass may have another, and stays where it is.</summary>
    int Whole => cut.Count - 1;

    /// <summary>Reorders a pass.</summary>
    /// <param name="order">The samples in the order of the shuffle. Overwritten.</param>
    /// <param name="key">Philox key of the pass.</param>
    public void Sort(Span<int> order, ulong key)
    {
        for (var first = 0; first < Whole; first += batches)
        {
            var (start, end) = (first * cut.Batch, Math.Min(first + batches, Whole) * cut.Batch);

            // Of equally long rows the shuffle decides.
            for (var place = start; place < end; place++) _keys[place] = ((long)lengths[order[place]] << 32) | (uint)place;
            MemoryExtensions.Sort(_keys.AsSpan(start, end - start), order[start..end]);
        }

        ShuffleBatches(order, key);
    }

    void ShuffleBatches(Span<int> order, ulong key)
    {
        order.CopyTo(_copy);
        var places = Enumerable.Range(0, Whole).ToArray();
        for (var last = Whole - 1; last > 0; last--)
        {
            var other = EpochOrder.Below(last + 1, key, (uint)last, BatchStream);
            (places[last], places[other]) = (places[other], places[last]);
        }

        for (var place = 0; place < Whole; place++)
            _copy.AsSpan(places[place] * cut.Batch, cut.Batch).CopyTo(order[(place * cut.Batch)..]);
    }
}
