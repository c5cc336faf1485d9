namespace LstmCluster.Data;

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
