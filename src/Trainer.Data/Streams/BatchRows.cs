namespace LstmCluster.Data;

/// <summary>Consecutive rows of a batch.</summary>
/// <param name="First">The first row.</param>
/// <param name="Count">Number of rows.</param>
public readonly record struct BatchRows(int First, int Count)
{
    /// <summary>The rows of a shard: as even as whole rows allow, and the same number for all when the shards divide the batch.</summary>
    /// <param name="shard">The shard, from 0.</param>
    /// <param name="shards">Number of shards.</param>
    /// <param name="batch">Rows of the batch, at least one for each shard.</param>
    public static BatchRows OfShard(int shard, int shards, int batch)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)shard, (uint)shards, nameof(shard));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shards, batch);
        var first = (int)((long)shard * batch / shards);
        return new BatchRows(first, (int)((shard + 1L) * batch / shards) - first);
    }
}
