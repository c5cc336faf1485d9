using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Worker.Tests;

public sealed class BatchAssemblyTests : IDisposable
{
    readonly PayloadPool _pool = new();
    readonly BatchAssembly _assembly = new();

    [Fact]
    public void Shards_of_different_sizes_stand_side_by_side_in_each_step()
    {
        _assembly.Gather([Tokens(2, rows: 1, [1, 2], length: [2]), Tokens(5, rows: 2, [3, 4, 5, 6], length: [1, 2])]);

        var batch = _assembly.Batch;
        (batch.Shape, batch.TargetSteps).ShouldBe((new BatchShape(2, 3), 2));
        batch.Tokens.ToArray().ShouldBe([1, 3, 4, 2, 5, 6]);
        batch.Classes.ToArray().ShouldBe([-1, -3, -4, -2, -5, -6]);
        batch.Lengths.ToArray().ShouldBe([2, 1, 2]);
        batch.Shards.ToArray().ShouldBe([new ShardRows(2, new RowRange(0, 1)), new ShardRows(5, new RowRange(1, 2))]);
        (batch.Features.Length, batch.Values.Length).ShouldBe((0, 0));
    }

    [Fact]
    public void Features_and_values_keep_their_width()
    {
        _assembly.Gather([Numbers(0, rows: 1, [1, 2, 3, 4], [10, 11]), Numbers(1, rows: 2, [5, 6, 7, 8, 9, 10, 11, 12], [12, 13, 14, 15])]);

        var batch = _assembly.Batch;
        batch.Features.ToArray().ShouldBe([1f, 2, 5, 6, 7, 8, 3, 4, 9, 10, 11, 12]);
        batch.Values.ToArray().ShouldBe([10f, 11, 12, 13, 14, 15]);
        (batch.Tokens.Length, batch.Classes.Length, batch.Lengths.Length).ShouldBe((0, 0, 0));
    }

    [Fact]
    public void A_smaller_batch_after_a_larger_one_keeps_nothing_of_it()
    {
        _assembly.Gather([Numbers(0, rows: 2, [5, 6, 7, 8, 9, 10, 11, 12], [12, 13, 14, 15])]);
        _assembly.Gather([Tokens(2, rows: 1, [1, 2], length: [2])]);

        var batch = _assembly.Batch;
        batch.Tokens.ToArray().ShouldBe([1, 2]);
        (batch.Features.Length, batch.Values.Length).ShouldBe((0, 0));
    }

    [Fact]
    public void Shards_that_do_not_fit_together_are_refused()
    {
        var tokens = Tokens(0, rows: 1, [1, 2], length: [2]);
        Should.Throw<ArgumentException>(() => _assembly.Gather([tokens, Numbers(1, rows: 1, [1, 2, 3, 4], [1, 2])]));
        Should.Throw<ArgumentException>(() => _assembly.Gather([tokens, tokens with { Shard = 1, Lengths = null }]));
        Should.Throw<ArgumentException>(() => _assembly.Gather([tokens, tokens with { Shard = 1, TargetSteps = 1 }]));
        Should.Throw<ArgumentException>(() => _assembly.Gather([tokens with { Shape = new BatchShape(3, 1) }]));
    }

    public void Dispose() => _pool.Dispose();

    ShardBatch Tokens(int shard, int rows, int[] tokens, int[] length) => new(shard, new BatchShape(2, rows), TargetSteps: 2)
    {
        Tokens = _pool.Copy<int>(tokens),
        Classes = _pool.Copy<int>([.. tokens.Select(token => -token)]),
        Lengths = _pool.Copy<int>(length),
    };

    ShardBatch Numbers(int shard, int rows, float[] features, float[] values) => new(shard, new BatchShape(2, rows), TargetSteps: 1)
    {
        Features = _pool.Copy<float>(features),
        Values = _pool.Copy<float>(values),
    };
}
