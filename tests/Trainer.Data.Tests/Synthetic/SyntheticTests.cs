using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

/// <summary>Data that are made.</summary>
public class SyntheticTests
{
    static SampleData Of(string source, ulong seed = 7, double validation = 0, double test = 0, string? testSource = null)
    {
        var options = SyntheticOptions.Parse(source);
        var job = SampleJobs.Of(new RegressorTask { Answers = options.Answers }, TokenKind.Numbers);
        return SyntheticReader.Of(job with { Seed = seed, Data = job.Data with { Source = source, Features = options.Features, Split = SplitKind.Order, Validation = validation, Test = test, TestSource = testSource } });
    }

    [Fact]
    public void Two_numbers_of_the_adding_problem_are_marked_where_the_paper_says()
    {
        var set = Of("synthetic:adding?length=100&count=3000").Training;
        var (lengths, firsts, seconds) = (new HashSet<int>(), new HashSet<int>(), new HashSet<int>());
        for (var index = 0; index < set.Count; index++)
        {
            var sample = set[index];
            lengths.Add(sample.Steps);
            var marks = Enumerable.Range(0, sample.Steps).Select(step => sample.Features[(2 * step) + 1]).ToArray();
            int[] marked = [.. Enumerable.Range(0, sample.Steps).Where(step => marks[step] == 1)];
            marked.Length.ShouldBe(2);
            marked[0].ShouldBeLessThan(10);
            marked[1].ShouldBeLessThan(50);
            firsts.Add(marked[0]);
            seconds.Add(marked[1]);
            (marks[0], marks[^1]).ShouldBe((marked[0] == 0 ? 1 : -1, -1));
            marks.Count(mark => mark == -1).ShouldBe(marked[0] == 0 ? 1 : 2);
            Enumerable.Range(0, sample.Steps).ShouldAllBe(step => sample.Features[2 * step] >= -1 && sample.Features[2 * step] < 1);
            if (marked[0] == 0) sample.Features[0].ShouldBe(0);
            sample.Values.ShouldHaveSingleItem().ShouldBe(0.5f + ((sample.Features[2 * marked[0]] + sample.Features[2 * marked[1]]) / 4), 1e-6f);
        }

        lengths.Order().ShouldBe(Enumerable.Range(100, 11));
        set.Extent.Tokens.ShouldBe(Enumerable.Range(0, set.Count).Sum(index => (long)set[index].Steps));
        firsts.Count.ShouldBe(10);
        seconds.Count.ShouldBe(49);
    }

    [Fact]
    public void A_guess_of_the_mean_costs_what_the_distribution_says()
    {
        var set = Of("synthetic:adding?count=20000").Training;
        var values = Enumerable.Range(0, set.Count).Select(index => (double)set[index].Values[0]).ToArray();

        // Each number has the variance 1/3, a sixteenth of it each; one first number in ten is the zero of a marked first pair.
        values.Average().ShouldBe(0.5, 0.006);
        values.Select(value => (value - 0.5) * (value - 0.5)).Average().ShouldBe((1.0 / 3 / 16 * 0.9) + (1.0 / 3 / 16), 0.003);
    }

    [Fact]
    public void Spikes_tell_how_long_it_was_since_the_last_one()
    {
        var set = Of("synthetic:spike-delays?spikes=5&interval=7&range=3&count=200").Training;
        var delays = new HashSet<float>();
        for (var index = 0; index < set.Count; index++)
        {
            var sample = set[index];
            int[] spikes = [.. Enumerable.Range(0, sample.Steps).Where(step => sample.Features[step] == 1)];
            (spikes.Length, spikes[0], spikes[^1]).ShouldBe((6, 0, sample.Steps - 1));
            sample.Features.Count(feature => feature == 0).ShouldBe(sample.Steps - 6);
            for (var spike = 1; spike < spikes.Length; spike++) sample.Values[spikes[spike]].ShouldBe((spikes[spike] - spikes[spike - 1] - 7) / 3f);
            sample.Values.Count(float.IsNaN).ShouldBe(sample.Steps - 5);
            delays.UnionWith(sample.Values.Where(value => !float.IsNaN(value)));
        }

        delays.Count.ShouldBe(4);
        set.Extent.Tokens.ShouldBe(Enumerable.Range(0, set.Count).Sum(index => (long)set[index].Steps));
    }

    [Theory]
    [InlineData("cosine", 0, 0.5, 1, 0.5)]
    [InlineData("triangle", 0, 0.5, 1, 0.5)]
    [InlineData("rectangle", 0, 0, 0, 1)]
    public void A_periodic_function_repeats_and_nothing_is_read(string shape, float first, float second, float third, float fourth)
    {
        var sample = Of($"synthetic:periodic?shape={shape}&period=4&length=8&count=2").Training[1];

        sample.Features.ShouldBe(new float[8]);
        sample.Values.ShouldBe([first, second, third, fourth, first, second, third, fourth], 1e-7);
    }

    [Fact]
    public void The_time_until_a_spike_is_read_before_it_is_told()
    {
        var set = Of("synthetic:timed-spikes?spikes=5&interval=7&range=3&count=200").Training;
        var delays = new HashSet<float>();
        for (var index = 0; index < set.Count; index++)
        {
            var sample = set[index];
            int[] spikes = [-1, .. Enumerable.Range(0, sample.Steps).Where(step => sample.Values[step] == 1)];
            (spikes.Length, spikes[^1]).ShouldBe((6, sample.Steps - 1));
            sample.Values.Count(value => value == 0).ShouldBe(sample.Steps - 5);
            for (var spike = 1; spike < spikes.Length; spike++)
            {
                var read = sample.Features[(spikes[spike - 1] + 1)..(spikes[spike] + 1)].Distinct().ShouldHaveSingleItem();
                (spikes[spike] - spikes[spike - 1]).ShouldBe(7 + (int)Math.Round(3 * read));
                delays.Add(read);
            }
        }

        delays.Order().ShouldBe([0, 1 / 3f, 2 / 3f, 1]);
        set.Extent.Tokens.ShouldBe(Enumerable.Range(0, set.Count).Sum(index => (long)set[index].Steps));
    }

    [Fact]
    public void A_source_of_its_own_makes_longer_sequences_for_the_test()
    {
        var data = Of("synthetic:adding?length=20&count=50", validation: 0.2, testSource: "synthetic:adding?length=60&count=30");
        (data.Training.Count, data.Validation!.Count, data.Test!.Count).ShouldBe((40, 10, 30));
        data.Test[0].Steps.ShouldBeInRange(60, 66);
        data.Fingerprint["rows"].ShouldNotBe(Of("synthetic:adding?length=20&count=50").Fingerprint["rows"]);

        var like = Of("synthetic:adding?length=20&count=50", testSource: "synthetic:adding?length=20&count=50");
        var numbers = new[] { like.Training, like.Test! }.SelectMany(set => Enumerable.Range(0, set.Count).Select(index => set[index].Features[2]));
        numbers.Distinct().Count().ShouldBe(100, "sequences of the test are none of those trained on");
    }

    [Fact]
    public void Every_sequence_is_another_one_and_the_same_whoever_asks()
    {
        var data = Of("synthetic:adding?count=100", validation: 0.2, test: 0.1);
        (data.Training.Count, data.Validation!.Count, data.Test!.Count).ShouldBe((70, 20, 10));

        var numbers = new[] { data.Training, data.Validation, data.Test }.SelectMany(set => Enumerable.Range(0, set.Count).Select(index => set[index].Features[2])).ToList();
        numbers.Distinct().Count().ShouldBe(100);
        Of("synthetic:adding?count=100", validation: 0.2, test: 0.1).Validation![3].Features.ShouldBe(data.Validation[3].Features);
        Of("synthetic:adding?count=100", seed: 8).Training[0].Features.ShouldNotBe(data.Training[0].Features);
    }

    [Theory]
    [InlineData("synthetic:multiplying", "must be synthetic:adding, synthetic:spike-delays, synthetic:timed-spikes or synthetic:periodic, got \"synthetic:multiplying\"")]
    [InlineData("synthetic:adding?length=1", "has length=1, expected a whole number from 20 to 16777216")]
    [InlineData("synthetic:adding?length=many", "has length=many, expected a whole number from 20 to 16777216")]
    [InlineData("synthetic:adding?period=5", "has the option \"period\", expected count, length")]
    [InlineData("synthetic:adding?", "has \"\", expected an option and its value, such as length=100")]
    [InlineData("synthetic:periodic?shape=round", "has shape=round, expected cosine, triangle or rectangle")]
    public void A_source_that_cannot_be_made_is_refused(string source, string message) =>
        Should.Throw<UserErrorException>(() => SyntheticOptions.Parse(source)).Message.ShouldBe(message);
}
