using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Shards of rows that have nothing to do with each other: in training drawn by a shuffle of each pass, in validation in the order of the file.</summary>
/// <remarks>All shards of a round are as long as the longest row of the round's whole batch, so that whoever computes some of them computes the same.</remarks>
/// <param name="data">The rows.</param>
/// <param name="shards">Shards of a step.</param>
/// <param name="seed">The job's seed.</param>
/// <param name="pool">Where batches are rented.</param>
public sealed class SampleShardSource(SampleData data, int shards, ulong seed, PayloadPool pool) : IShardSource
{
    readonly EpochOrder _order = new(seed, data.Training);
    readonly int[] _validationOrder = [.. Enumerable.Range(0, data.Validation?.Count ?? 0)];

    // All shards of a round are cut from one batch: what is read from a file or made is read or made once.
    Drawn? _last;

    /// <inheritdoc/>
    public int ValidationChunks => data.Validation?.Cut.Count ?? 0;

    /// <inheritdoc/>
    public DataPosition After(DataPosition start)
    {
        var rows = data.Training.Cut.BeginningAt(start.Offset);
        var next = rows.First + rows.Count;
        return next == data.Training.Count ? new DataPosition(start.Epoch + 1, 0) : start with { Offset = next };
    }

    /// <inheritdoc/>
    public double EpochAt(DataPosition position) => position.Epoch + ((double)position.Offset / data.Training.Count);

    /// <inheritdoc/>
    public ShardBatch Training(DataPosition start, int shard, Payload<float>? state) =>
        Cut(data.Training, start.Epoch, _order.Of(start.Epoch), data.Training.Cut.BeginningAt(start.Offset), shard, state, data.Training.LengthAt(start.Epoch, start.Offset));

    /// <inheritdoc/>
    public ShardBatch Validation(int chunk, int shard, Payload<float>? state) =>
        Cut(data.Validation!, 0, _validationOrder, data.Validation!.Cut[chunk], shard, state);

    ShardBatch Cut(SampleSet set, long epoch, ReadOnlySpan<int> order, BatchRows batchRows, int shard, Payload<float>? state, int mostSteps = int.MaxValue)
    {
        if (state is not null) throw new ArgumentException("rows carry no state from one round to the next", nameof(state));
        if (_last is not { } last || (last.Set, last.Epoch, last.First) != (set, epoch, batchRows.First))
            _last = last = new Drawn(set, epoch, batchRows.First, SampleBatch.SamplesOf(set, order.Slice(batchRows.First, batchRows.Count), mostSteps));
        var batch = new SampleBatch(set, last.Samples, data.Encoding.EndToken);
        var rows = BatchRows.OfShard(shard, shards, batch.Rows);
        return new ShardBatch(shard, new BatchShape(batch.Steps, rows.Count), batch.TargetSteps)
        {
            Tokens = set.Features == 0 ? Filled<int>(batch.Steps * rows.Count, batch, rows, static (b, r, to) => b.FillTokens(r, to)) : null,
            Characters = set.HasCharacters
                ? Filled<int>(batch.Steps * rows.Count * batch.CharacterSteps, batch, rows, static (b, r, to) => b.FillCharacters(r, to)) : null,
            Features = set.Features > 0 ? Filled<float>(batch.Steps * rows.Count * set.Features, batch, rows, static (b, r, to) => b.FillFeatures(r, to)) : null,
            Lengths = batch.IsRagged ? Filled<int>(rows.Count, batch, rows, static (b, r, to) => b.FillLengths(r, to)) : null,
            Classes = !set.HasValues ? Filled<int>(batch.TargetSteps * rows.Count, batch, rows, static (b, r, to) => b.FillClasses(r, to)) : null,
            Values = set.HasValues ? Filled<float>(batch.TargetSteps * rows.Count * set.Outputs, batch, rows, static (b, r, to) => b.FillValues(r, to)) : null,
        };
    }

    Payload<T> Filled<T>(int length, in SampleBatch batch, BatchRows rows, Fill<T> fill)
        where T : unmanaged
    {
        var payload = pool.Rent<T>(length);
        fill(batch, rows, payload.Span);
        return payload;
    }

    /// <summary>The samples of a batch.</summary>
    sealed record Drawn(SampleSet Set, long Epoch, int First, Sample[] Samples);

    delegate void Fill<T>(SampleBatch batch, BatchRows rows, Span<T> target);
}
