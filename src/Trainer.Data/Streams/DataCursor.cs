namespace LstmCluster.Data;

/// <summary>Where in the data a step begins.</summary>
/// <param name="Epoch">Passes over the data that are done.</param>
/// <param name="Position">Time step of every stream at which the step begins.</param>
public readonly record struct DataCursor(long Epoch, int Position)
{
    /// <summary>True when the carried state is zero again: a pass begins here.</summary>
    public bool ResetsState => Position == 0;
}

/// <summary>Consecutive rows of a batch.</summary>
/// <param name="First">The first row.</param>
/// <param name="Count">Number of rows.</param>
public readonly record struct BatchRows(int First, int Count)
{
    /// <summary>The rows of a shard, when a batch is cut evenly.</summary>
    /// <param name="shard">The shard, from 0.</param>
    /// <param name="shards">Number of shards; divides the batch.</param>
    /// <param name="batch">Rows of the batch.</param>
    public static BatchRows OfShard(int shard, int shards, int batch)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)shard, (uint)shards, nameof(shard));
        if (batch % shards != 0)
            throw new ArgumentException($"{shards} shards do not divide {batch} rows.", nameof(shards));
        var count = batch / shards;
        return new BatchRows(shard * count, count);
    }
}
