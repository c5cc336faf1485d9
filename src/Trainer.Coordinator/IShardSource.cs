using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Cuts the rounds of a job into shards: a pure function of where the data stand.</summary>
public interface IShardSource
{
    /// <summary>Chunks of a validation pass; 0 when nothing is held out.</summary>
    int ValidationChunks { get; }

    /// <summary>Where the training round that starts at a position ends, and the next one starts.</summary>
    DataPosition After(DataPosition start);

    /// <summary>Passes over the training data at a position: completed ones and the share of the present one.</summary>
    double EpochAt(DataPosition position);

    /// <summary>One shard of the training round that starts at a position.</summary>
    /// <param name="start">Where it starts.</param>
    /// <param name="shard">Index of the shard.</param>
    /// <param name="state">Its carried state, handed over with the batch; null for none.</param>
    ShardBatch Training(DataPosition start, int shard, Payload<float>? state);

    /// <summary>One shard of a chunk of the validation pass.</summary>
    /// <param name="chunk">Index of the chunk.</param>
    /// <param name="shard">Index of the shard.</param>
    /// <param name="state">Its carried state, handed over with the batch; null for none.</param>
    ShardBatch Validation(int chunk, int shard, Payload<float>? state);
}
