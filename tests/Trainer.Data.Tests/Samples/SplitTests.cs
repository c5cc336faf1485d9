using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

/// <summary>Which rows are held out.</summary>
public class SplitTests
{
    static readonly Job s_job = SampleJobs.Of(new ClassifierTask());

    [Fact]
    public void Rows_with_the_same_key_stay_together_whatever_their_inputs_are()
    {
        var job = s_job.With(data => data with { Key = "writer", Validation = 0.3, Test = 0.3 });
        var data = job.Read("writer\tin\tout\n" + string.Concat(Enumerable.Range(0, 200).Select(row => $"writer {row % 20}\tw{row}\t{row % 20}\n")));

        var writers = new[] { data.Training, data.Validation!, data.Test! }.Select(Writers).ToList();
        writers.SelectMany(writer => writer).ShouldBe(Enumerable.Range(0, 20), ignoreOrder: true);
        writers.ShouldAllBe(part => part.Count > 0);
        (data.Training.Count + data.Validation!.Count + data.Test!.Count).ShouldBe(200);
        data.TestExtent.ShouldBe(new DataExtent(data.Test.Count, data.Test.Count));
        ((SampleData)data.Evaluating(DataPart.Test)).Validation.ShouldBeSameAs(data.Test);

        HashSet<int> Writers(SampleSet set) => [.. Enumerable.Range(0, set.Count).Select(index => int.Parse(data.Encoding.Classes![set[index].Classes[0]]))];
    }

    [Fact]
    public void A_larger_test_takes_nothing_from_what_is_validated_on()
    {
        var text = "in\tout\n" + string.Concat(Enumerable.Range(0, 100).Select(row => $"w{row}\tx\n"));
        var (without, with) = (Read(0), Read(0.3));

        with.Validation!.Count.ShouldBe(without.Validation!.Count);
        without.Test.ShouldBeNull();
        (with.Training.Count + with.Test!.Count).ShouldBe(without.Training.Count);

        SampleData Read(double test) => s_job.With(data => data with { Validation = 0.2, Test = test }).Read(text);
    }

    [Fact]
    public void The_last_rows_are_held_out_where_their_order_decides()
    {
        var job = s_job.With(data => data with { Split = SplitKind.Order, Validation = 0.2, Test = 0.1 });
        var data = job.Read("in\tout\n" + string.Concat(Enumerable.Range(0, 10).Select(row => $"w\t{row}\n")));

        (data.Training.Count, data.Validation!.Count, data.Test!.Count).ShouldBe((7, 2, 1));
        (data.Validation[0].Classes[0], data.Test[0].Classes[0]).ShouldBe((7, 9));
    }

    [Fact]
    public void Alternatives_of_one_input_know_each_other()
    {
        var data = SampleJobs.Of(new SequenceToSequenceTask()).Read("in\tout\na\tx\nb\ty\na\tz\n");

        data.Training.AlternativesOf(0).ShouldBe([0, 2]);
        data.Training.AlternativesOf(1).ShouldBe([1]);
    }

    [Fact]
    public void Malformed_rows_are_left_out_and_counted_where_the_job_says_so()
    {
        var job = SampleJobs.Of(new TaggerTask()).With(data => data with { OnBadRow = MalformedRows.Skip });
        var data = job.Read("in\tout\na b\tX Y\na c\tX\nd\nb\tY\n");

        data.Training.Count.ShouldBe(2);
        data.Encoding.Inputs!.Size.ShouldBe(3, "what is left out is in no vocabulary");
        data.Notices.ShouldBe(["2 malformed rows were left out (data.onBadRow: skip), the first: rows.tsv:3: column \"out\" has 1 tags for 2 steps of the input, expected one for each, with spaces between"]);
        SampleJobs.Of(new TaggerTask()).Read("in\tout\na b\tX Y\n").Notices.ShouldBeEmpty();
    }

    [Fact]
    public void Of_many_words_the_most_frequent_are_known()
    {
        var data = s_job.With(options => options with { Vocabulary = 2 }).Read("in\tout\nc b a\tx\nc a\tx\n");

        data.Encoding.Inputs!.Decode([0, 1, 2]).ShouldBe("<unk> a c");
        data.Training[0].Tokens.ShouldBe([2, 0, 1]);
    }
}
