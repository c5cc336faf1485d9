using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

/// <summary>Rows of like length in one batch.</summary>
public class BucketTests
{
    static SampleSet Rows(int count, int bucketing, int batch = 4, int shards = 1) =>
        SampleJobs.Of(new ClassifierTask(), shards: shards, batch: batch, length: 100).With(data => data with { Bucketing = bucketing })
            .Read("in\tout\n" + string.Concat(Enumerable.Range(0, count).Select(row => $"{string.Join(' ', Enumerable.Repeat("w", 1 + (row * 37 % 90)))}\tx\n"))).Training;

    [Fact]
    public void Every_row_comes_once_a_pass_and_the_last_batch_is_as_without() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(Gen.Choose(4, 60).ToArbitrary(), Gen.Choose(1, 9).ToArbitrary(), Gen.Choose(0, 5).ToArbitrary(), (rows, bucketing, epoch) =>
        {
            var (set, plain) = (Rows(rows, bucketing), Rows(rows, 0));
            var (sorted, shuffled) = (new EpochOrder(7, set).Of(epoch).ToArray(), new EpochOrder(7, plain).Of(epoch).ToArray());

            sorted.Order().ShouldBe(Enumerable.Range(0, rows));
            var last = set.Cut[set.Cut.Count - 1].First;
            sorted[last..].ShouldBe(shuffled[last..]);
        }));

    [Fact]
    public void Less_is_padding_and_the_batches_still_come_in_any_order()
    {
        var (set, plain) = (Rows(400, 25), Rows(400, 0));
        var order = new EpochOrder(7, set);

        Padding(set, order.Of(0)).ShouldBeLessThan(Padding(plain, new EpochOrder(7, plain).Of(0)) / 5);
        var longest = Enumerable.Range(0, 99).Select(batch => order.Of(0).Slice(4 * batch, 4).ToArray().Max(row => set[row].Steps)).ToList();
        longest.Zip(longest.Skip(1)).Count(pair => pair.First > pair.Second).ShouldBeInRange(30, 70);
    }

    [Fact]
    public void The_order_is_a_function_of_seed_and_epoch()
    {
        var set = Rows(100, 5);
        var order = new EpochOrder(7, set);
        var (first, second) = (order.Of(0).ToArray(), order.Of(1).ToArray());

        second.ShouldNotBe(first);
        new EpochOrder(7, set).Of(1).ToArray().ShouldBe(second);
        order.Of(0).ToArray().ShouldBe(first, "whatever was asked for before");
        new EpochOrder(8, set).Of(0).ToArray().ShouldNotBe(first);
    }

    static int Padding(SampleSet set, ReadOnlySpan<int> order)
    {
        var padding = 0;
        for (var index = 0; index < set.Cut.Count; index++)
        {
            var batch = new SampleBatch(set, order.Slice(set.Cut[index].First, set.Cut[index].Count));
            var lengths = new int[batch.Rows];
            batch.FillLengths(new BatchRows(0, batch.Rows), lengths);
            padding += (batch.Steps * batch.Rows) - lengths.Sum();
        }

        return padding;
    }
}
