using LstmCluster.Actors;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

public sealed class TokenShardSourceTests : IDisposable
{
    readonly TextData _data = TinyJob.Text(TinyJob.Of(1));
    readonly PayloadPool _pool = new();
    readonly TokenShardSource _source;

    public TokenShardSourceTests() => _source = new TokenShardSource(_data, TinyJob.Shards, _pool);

    [Fact]
    public void Shards_side_by_side_are_the_batch_at_every_step_of_a_pass()
    {
        var streams = _data.Training;
        var position = new DataPosition(0, 0);
        for (var step = 0; step < streams.StepsPerEpoch; step++, position = _source.After(position))
        {
            var (inputs, targets) = (new int[streams.Length * streams.Batch], new int[streams.Length * streams.Batch]);
            streams.Fill(position.Offset, streams.Length, 0, streams.Batch, inputs, targets);
            var batch = SideBySide(shard => _source.Training(position, shard, null), streams.Length);
            batch.Inputs.ShouldBe(inputs);
            batch.Targets.ShouldBe(targets);
        }

        position.ShouldBe(new DataPosition(1, 0));
        _source.EpochAt(position).ShouldBe(1);
    }

    [Fact]
    public void Validation_chunks_show_every_held_out_target_once()
    {
        var streams = _data.Validation.ShouldNotBeNull();
        var shown = new List<int>[streams.Batch];
        for (var row = 0; row < shown.Length; row++) shown[row] = [];
        for (var chunk = 0; chunk < _source.ValidationChunks; chunk++)
        {
            for (var shard = 0; shard < TinyJob.Shards; shard++)
            {
                var batch = _source.Validation(chunk, shard, null);
                var rows = batch.Shape.Rows;
                for (var index = 0; index < batch.Shape.Positions; index++) shown[(shard * rows) + (index % rows)].Add(batch.Classes!.Span[index]);
                batch.Release();
            }
        }

        for (var row = 0; row < shown.Length; row++)
        {
            var (inputs, targets) = (new int[streams.StreamLength], new int[streams.StreamLength]);
            streams.Fill(0, streams.StreamLength, row, 1, inputs, targets);
            shown[row].ShouldBe(targets);
        }

        _source.ValidationChunks.ShouldBeGreaterThan(1);
    }

    [Fact]
    public void Without_a_held_out_part_there_is_nothing_to_validate() =>
        new TokenShardSource(_data with { Validation = null }, TinyJob.Shards, _pool).ValidationChunks.ShouldBe(0);

    [Fact]
    public void A_batch_takes_the_state_over()
    {
        var state = _pool.Rent<float>(3);
        var batch = _source.Training(default, 0, state);
        batch.State.ShouldBeSameAs(state);
        batch.Release();
        (state.References, batch.Tokens!.References, batch.Classes!.References).ShouldBe((0, 0, 0));
    }

    public void Dispose() => _pool.Dispose();

    static (int[] Inputs, int[] Targets) SideBySide(Func<int, ShardBatch> cut, int length)
    {
        var batches = Enumerable.Range(0, TinyJob.Shards).Select(cut).ToList();
        int[] Row(Func<ShardBatch, Payload<int>> of) =>
        [
            .. Enumerable.Range(0, length).SelectMany(t => batches.SelectMany(
                batch => of(batch).Span.Slice(t * batch.Shape.Rows, batch.Shape.Rows).ToArray())),
        ];
        var all = (Row(batch => batch.Tokens!), Row(batch => batch.Classes!));
        foreach (var batch in batches) batch.Release();
        return all;
    }
}
