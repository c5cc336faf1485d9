using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

public class BatchTests
{
    [Fact]
    public void Every_row_is_in_one_batch_of_a_pass_and_every_batch_has_a_row_for_each_shard() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Gen.Choose(1, 6).ToArbitrary(), Gen.Choose(0, 9).ToArbitrary(), Gen.Choose(0, 60).ToArbitrary(), (shards, more, rest) =>
        {
            var (batch, rows) = (shards + more, shards + rest);
            var cut = new PassCut(rows, batch, shards);
            var batches = Enumerable.Range(0, cut.Count).Select(index => cut[index]).ToList();

            batches.SelectMany(part => Enumerable.Range(part.First, part.Count)).ShouldBe(Enumerable.Range(0, rows));
            batches.ShouldAllBe(part => part.Count >= shards && part.Count < batch + shards);
            batches.SkipLast(1).ShouldAllBe(part => part.Count == batch);
            foreach (var part in batches) cut.BeginningAt(part.First).ShouldBe(part);
        }));

    [Theory]
    [InlineData(1)]
    [InlineData(-4)]
    [InlineData(12)]
    public void No_batch_begins_between_two(int row) => Should.Throw<ArgumentException>(() => new PassCut(12, 4, 2).BeginningAt(row));

    [Fact]
    public void A_pass_draws_every_sample_once_in_an_order_of_seed_and_epoch()
    {
        var order = new EpochOrder(seed: 7, count: 1000);
        var (first, second) = (order.Of(0).ToArray(), order.Of(1).ToArray());

        first.Order().ShouldBe(Enumerable.Range(0, 1000));
        second.ShouldNotBe(first);
        order.Of(0).ToArray().ShouldBe(first, "whatever was asked for before");
        new EpochOrder(seed: 8, count: 1000).Of(0).ToArray().ShouldNotBe(first);
    }

    [Fact]
    public void Every_order_of_a_few_samples_comes_as_often_as_any_other()
    {
        const int epochs = 24_000;
        var order = new EpochOrder(seed: 3, count: 4);
        var counts = new Dictionary<string, int>();
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            var key = string.Join(' ', order.Of(epoch).ToArray());
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }

        // Of 24 orders each is expected 1000 times, with a standard deviation of 31.
        counts.Count.ShouldBe(24);
        counts.Values.ShouldAllBe(count => count > 850 && count < 1150);
    }

    [Fact]
    public void A_batch_is_padded_to_its_longest_row_in_all_of_its_parts()
    {
        var set = SampleJobs.Of(new SequenceToSequenceTask()).Read("in\tout\na b c\tx\nb\txyz\na a\tyx\n").Training;
        var batch = new SampleBatch(set, [1, 2, 0], endToken: 9);

        (batch.Steps, batch.TargetSteps, batch.Rows, batch.IsRagged).ShouldBe((3, 4, 3, true));
        var rows = new BatchRows(0, 2);
        var (tokens, lengths, classes) = (new int[6], new int[2], new int[8]);
        batch.FillTokens(rows, tokens);
        batch.FillLengths(rows, lengths);
        batch.FillClasses(rows, classes);
        tokens.ShouldBe([2, 1, 0, 1, 0, 0]);
        lengths.ShouldBe([1, 2]);
        classes.ShouldBe([1, 2, 2, 1, 3, 9, 9, -1]);
    }

    [Fact]
    public void Classes_of_steps_and_of_rows_stand_where_they_are_told()
    {
        var tagger = SampleJobs.Of(new TaggerTask()).Read("in\tout\na b\tX Y\na\tY\n").Training;
        var batch = new SampleBatch(tagger, [0, 1]);
        var classes = new int[4];
        batch.FillClasses(new BatchRows(0, 2), classes);
        (batch.TargetSteps, batch.Steps).ShouldBe((2, 2));
        classes.ShouldBe([0, 1, 1, -1]);

        var classifier = SampleJobs.Of(new ClassifierTask()).Read("in\tout\na b\tX\na\tY\n").Training;
        var one = new SampleBatch(classifier, [1, 0]);
        one.FillClasses(new BatchRows(0, 2), classes.AsSpan(0, 2));
        one.TargetSteps.ShouldBe(1);
        classes[..2].ShouldBe([1, 0]);
    }

    [Fact]
    public void Features_and_values_stand_row_by_row_in_each_step()
    {
        var set = SampleJobs.Of(new RegressorTask { Outputs = 2 }, TokenKind.Numbers).Read("in\tout\n1 2 3 4\t5 6\n7 8\t9 10\n").Training;
        var batch = new SampleBatch(set, [0, 1]);
        var (features, values) = (new float[8], new float[4]);
        batch.FillFeatures(new BatchRows(0, 2), features);
        batch.FillValues(new BatchRows(0, 2), values);

        features.ShouldBe([1f, 2, 7, 8, 3, 4, 0, 0]);
        values.ShouldBe([5f, 6, 9, 10]);
        (batch.TargetSteps, batch.IsRagged).ShouldBe((1, true));
        new SampleBatch(set, [1]).IsRagged.ShouldBeFalse();
    }
}
