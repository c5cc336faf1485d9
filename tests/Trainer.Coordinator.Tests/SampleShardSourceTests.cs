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

    [Fact]
    public void Training_reads_the_beginnings_of_rows_that_double_with_the_steps_and_validation_reads_them_whole()
    {
        using var pool = new PayloadPool();
        var job = Jobs(new GrowthOptions { From = 2, Every = 3, To = 7 });
        var data = SampleData.Read(new StringReader("in\tout\n0 1 2 3 4 5 6 7 8 9\t- - - 3 4 5 6 7 8 9\n0 1 2 3 4 5 6 7 8 9\t0 1 2 3 4 5 6 7 8 9\n"), job, "rows.tsv");
        var source = new SampleShardSource(data with { Validation = data.Training }, shards: 1, seed: 5, pool);
        List<(int Steps, int Known)> seen = [];
        var position = default(DataPosition);
        for (var step = 0; step < 12; step++, position = source.After(position)) seen.Add(Seen(source.Training(position, 0, null)));

        // A pass is two steps, one for each row; the first answer of the one is behind two and behind four steps, and it is read that far all the same.
        string.Join(' ', seen[..3].Select(one => one.Steps).Order()).ShouldBeOneOf("2 2 4", "2 4 4");
        seen[3..6].ShouldAllBe(one => one.Steps == 4);
        seen[6..].ShouldAllBe(one => one.Steps == 7 && (one.Known == 7 || one.Known == 4));
        seen.ShouldAllBe(one => one.Known > 0);
        Seen(source.Validation(0, 0, null)).Steps.ShouldBe(10);

        static (int Steps, int Known) Seen(ShardBatch batch)
        {
            var values = batch.Values!.Span.ToArray();
            values.Length.ShouldBe(batch.Shape.Steps);
            batch.Features!.Span.ToArray().ShouldBe(Enumerable.Range(0, batch.Shape.Steps).Select(one => (float)one));
            values.Index().ShouldAllBe(one => float.IsNaN(one.Item) || one.Item == one.Index);
            var seen = (batch.Shape.Steps, values.Count(value => !float.IsNaN(value)));
            batch.Release();
            return seen;
        }

        static Job Jobs(GrowthOptions growth)
        {
            var job = Job(1, 1, new RegressorTask { Answers = RegressorAnswers.Step }, TokenKind.Numbers);
            return job with { Data = job.Data with { Features = 1 }, Training = job.Training with { Growth = growth } };
        }
    }

    [Fact]
    public void Words_characters_and_classes_of_a_tagger_are_cut_at_the_same_step()
    {
        using var pool = new PayloadPool();
        var job = Job(1, 1, new TaggerTask(), TokenKind.Word);
        job = job with { Model = job.Model with { Characters = new CharacterOptions() }, Training = job.Training with { Growth = new GrowthOptions { From = 2 } } };
        var data = SampleData.Read(new StringReader("in\tout\nthe sea is white\tD N V A\n"), job, "rows.tsv");
        var batch = new SampleShardSource(data, 1, 5, pool).Training(default, 0, null);

        (batch.Shape.Steps, batch.Tokens!.Length, batch.Classes!.Length, batch.Lengths).ShouldBe((2, 2, 2, null));
        batch.Classes.Span.ToArray().Select(one => data.Encoding.Classes![one]).ShouldBe(["D", "N"]);
        batch.Characters!.Length.ShouldBe(2 * 3, "the longest of both words has three letters");
        batch.Release();
    }

    [Fact]
    public void Growth_never_overflows()
    {
        var growth = new GrowthOptions { From = 65536, Every = 1 };
        new[] { 0L, 1, 14, 15, 16, 31, 40, long.MaxValue }.Select(growth.LengthAt).ShouldBe(
            [65536, 131072, 1 << 30, int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue]);
        new GrowthOptions().LengthAt(5).ShouldBe(int.MaxValue, "without growth rows are read whole");
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
