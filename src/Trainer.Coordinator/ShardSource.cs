using LstmCluster.Actors;
using LstmCluster.Data;

namespace LstmCluster.Training;

/// <summary>Chooses how data are cut into shards.</summary>
public static class ShardSource
{
    /// <summary>The source for some data.</summary>
    /// <param name="data">The data.</param>
    /// <param name="shards">Shards of a step.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="pool">Where batches are rented.</param>
    public static IShardSource Of(JobData data, int shards, ulong seed, PayloadPool pool) => data switch
    {
        TextData text => new TokenShardSource(text, shards, pool),
        SampleData samples => new SampleShardSource(samples, shards, seed, pool),
        _ => throw new NotSupportedException($"no shards of {data}"),
    };
}
