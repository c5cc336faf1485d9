using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Actors;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

public class SampleShardSourceTests
{
    [Fact]
    public void Every_row_of_a_pass_is_in_one_shard_of_one_step_and_all_shards_of_a_step_are_as_long_as_its_longest_row() =>
        Prop.ForAll(Gen.Choose(1, 5).ToArbitrary(), Gen.Choose(0, 6).ToArbitrary(), Gen.Choose(0, 40).ToArbitrary(), (shards, more, rest) =>
        {
            var data = Rows(shards + rest, shards, shards + more);
            using var pool = new PayloadPool();
            var source = new SampleShardSource(data, shards, seed: 5, pool);
            for (var epoch = 0; epoch < 2; epoch++)
            {
                var seen = new List<int>();
                var position = new DataPosition(epoch, 0);
                for (; position.Epoch == epoch; position = source.After(position))
                {
                    var batches = Enumerable.Range(0, shards).Select(shard => source.Training(position, shard, null)).ToList();
                    batches.ShouldAllBe(batch => batch.Shape.Rows > 0 && batch.Shape.Steps == batches[0].Shape.Steps && batch.TargetSteps == 1);
                    batches.ShouldAllBe(batch => !batch.CarriesState && batch.Features == null && batch.Values == null);
                    batches.Max(batch => Lengths(batch).Max()).ShouldBe(batches[0].Shape.Steps);
                    foreach (var batch in batches)
                    {
                        // A row's class is its number, and its length follows from it.
                        seen.AddRange(batch.Classes!.Span.ToArray());
                        Lengths(batch).ShouldBe(batch.Classes!.Span.ToArray().Select(row => LengthOf(int.Parse(data.Encoding.Classes![row]))));
                        batch.Release();
                    }

                    source.EpochAt(position).ShouldBeInRange(epoch, epoch + 1 - 1e-9);
                }

                position.ShouldBe(new DataPosition(epoch + 1, 0));
                seen.Order().ShouldBe(Enumerable.Range(0, shards + rest));
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Validation_shows_every_held_out_row_once_in_the_order_of_the_file()
    {
        using var pool = new PayloadPool();
        var data = Rows(20, shards: 3, batch: 6);
        var source = new SampleShardSource(data with { Validation = data.Training }, shards: 3, seed: 5, pool);
        var seen = new List<int>();
        for (var chunk = 0; chunk < source.ValidationChunks; chunk++)
        {
            for (var shard = 0; shard < 3; shard++)
            {
                var batch = source.Validation(chunk, shard, null);
                seen.AddRange(batch.Classes!.Span.ToArray());
                batch.Release();
            }
        }

        source.ValidationChunks.ShouldBe(3);
        seen.ShouldBe(Enumerable.Range(0, 20).Select(row => data.Training[row].Classes[0]));
        new SampleShardSource(data, 3, 5, pool).ValidationChunks.ShouldBe(0);
    }

    [Fact]
    public void Rows_of_one_length_have_no_lengths_so_that_they_take_the_even_kernels()
    {
        using var pool = new PayloadPool();
        var data = SampleData.Read(new StringReader("in\tout\n1 2 3 4\t1\n5 6 7 8\t2\n"), Job(2, 2, new RegressorTask(), TokenKind.Numbers), "rows.tsv");
        var batch = new SampleShardSource(data, 2, 5, pool).Training(default, 0, null);

        batch.Lengths.ShouldBeNull();
        (batch.Tokens, batch.Classes, batch.Shape.Steps).ShouldBe((null, null, 2));
        (batch.Features!.Length, batch.Values!.Length).ShouldBe((4, 1));
        batch.Release();
        (batch.Features.References, batch.Values.References).ShouldBe((0, 0));
    }

    static int LengthOf(int row) => 1 + (row % 7);

    static int[] Lengths(ShardBatch batch) => batch.Lengths?.Span.ToArray() ?? [.. Enumerable.Repeat(batch.Shape.Steps, batch.Shape.Rows)];

    static SampleData Rows(int count, int shards, int batch) => SampleData.Read(
        new StringReader("in\tout\n" + string.Concat(Enumerable.Range(0, count).Select(row => $"{new string('a', LengthOf(row))}\t{row}\n"))),
        Job(shards, batch, new ClassifierTask(), TokenKind.Character), "rows.tsv");

    static Job Job(int shards, int batch, TaskOptions task, TokenKind tokens) => new()
    {
        Name = "rows",
        Task = task,
        Data = new DataOptions
        {
            Source = "rows.tsv",
            Format = DataFormat.Tsv,
            Input = "in",
            Target = "out",
            Tokens = tokens,
            Features = tokens == TokenKind.Numbers ? 2 : null,
            Longer = LongerRows.Fail,
            Validation = 0,
        },
        Model = new ModelOptions { Layers = [new LstmLayerOptions { Units = 1 }] },
        Training = new TrainingOptions { Batch = batch, Shards = shards, Steps = 1 },
    };
}
