using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>Batches without data, as many as are asked for.</summary>
/// <param name="tokens">Tokens of a shard.</param>
sealed class ModelledSource(int tokens) : IShardSource
{
    /// <inheritdoc/>
    public int ValidationChunks => 0;

    /// <inheritdoc/>
    public DataPosition After(DataPosition start) => start with { Epoch = start.Epoch + 1 };

    /// <inheritdoc/>
    public double EpochAt(DataPosition position) => position.Epoch;

    /// <inheritdoc/>
    public ShardBatch Training(DataPosition start, int shard, Payload<float>? state)
    {
        state?.Release();
        return new ShardBatch(shard, new BatchShape(tokens, 1), tokens);
    }

    /// <inheritdoc/>
    public ShardBatch Validation(int chunk, int shard, Payload<float>? state)
    {
        state?.Release();
        throw new InvalidOperationException("nothing is held out");
    }
}
