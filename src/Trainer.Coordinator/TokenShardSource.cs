using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Shards of a text: each has a run of the batch's rows, and each row is a contiguous stream.</summary>
/// <param name="data">The text, cut into streams.</param>
/// <param name="shards">Shards of a step.</param>
/// <param name="pool">Where batches are rented.</param>
public sealed class TokenShardSource(TextData data, int shards, PayloadPool pool) : IShardSource
{
    readonly (int Position, int Length)[] _validation = data.Validation is null ? [] : [.. data.Validation.Pieces()];

    /// <inheritdoc/>
    public int ValidationChunks => _validation.Length;

    /// <inheritdoc/>
    public DataPosition After(DataPosition start) => data.Training.After(start);

    /// <inheritdoc/>
    public double EpochAt(DataPosition position) => position.Epoch + ((double)position.Offset / data.Training.StreamLength);

    /// <inheritdoc/>
    public ShardBatch Training(DataPosition start, int shard, Payload<float>? state) =>
        Cut(data.Training, start.Offset, data.Training.Length, shard, state);

    /// <inheritdoc/>
    public ShardBatch Validation(int chunk, int shard, Payload<float>? state) =>
        Cut(data.Validation!, _validation[chunk].Position, _validation[chunk].Length, shard, state);

    ShardBatch Cut(TokenStreams streams, int position, int length, int shard, Payload<float>? state)
    {
        var rows = BatchRows.OfShard(shard, shards, streams.Batch);
        var inputs = pool.Rent<int>(length * rows.Count);
        var targets = pool.Rent<int>(length * rows.Count);
        streams.Fill(position, length, rows.First, rows.Count, inputs.Span, targets.Span);
        return new ShardBatch(shard, new BatchShape(length, rows.Count), TargetSteps: length)
        {
            Tokens = inputs,
            Classes = targets,
            CarriesState = true,
            State = state,
        };
    }
}
