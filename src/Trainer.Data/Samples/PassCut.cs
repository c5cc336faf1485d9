namespace LstmCluster.Data;

/// <summary>How a pass over rows is cut into batches: every row once, and in each batch at least one row for each shard.</summary>
/// <remarks>
/// Batches have the job's number of rows. What is left at the end of the pass is a smaller last batch when it gives each shard a row; otherwise
/// it joins the batch before, which then has up to one row less than the shards more.
/// </remarks>
/// <param name="Rows">Rows of a pass, at least as many as shards.</param>
/// <param name="Batch">Rows of a batch, at least as many as shards.</param>
/// <param name="Shards">Number of shards.</param>
public readonly record struct PassCut(int Rows, int Batch, int Shards)
{
    /// <summary>Batches of a pass.</summary>
    public int Count => Math.Max(1, (Rows / Batch) + (Rows % Batch >= Shards ? 1 : 0));

    /// <summary>The rows of a batch.</summary>
    /// <param name="index">The batch, from 0.</param>
    public BatchRows this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            var first = index * Batch;
            return new BatchRows(first, index == Count - 1 ? Rows - first : Batch);
        }
    }

    /// <summary>The rows of the batch that begins at a row.</summary>
    /// <param name="first">The row.</param>
    /// <exception cref="ArgumentException">No batch begins there.</exception>
    public BatchRows BeginningAt(int first) =>
        first >= 0 && first % Batch == 0 && first / Batch < Count
            ? this[first / Batch]
            : throw new ArgumentException($"No batch begins at row {first} of {Rows}.", nameof(first));
}
