using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Compute.Tests;

public class BeamSearchTests
{
    const int Start = 0, End = 1;

    [Fact]
    public void A_beam_as_wide_as_there_are_prefixes_finds_the_best_of_all_sequences()
    {
        var cases =
            from seed in Gen.Choose(0, 10_000)
            from classes in Gen.Choose(2, 4)
            from steps in Gen.Choose(1, 4)
            from penalty in Gen.Elements(0, 0.6, 1, 2)
            from best in Gen.Choose(1, 5)
            select (seed, classes, steps, penalty, best);
        Prop.ForAll(cases.ToArbitrary(), Check).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

        static void Check((int Seed, int Classes, int Steps, double Penalty, int Best) chosen)
        {
            const int sentences = 3;
            var scores = ToyScorer.Random(chosen.Seed, chosen.Classes);
            var options = new BeamSearchOptions { Beams = 500, MaxSteps = chosen.Steps, LengthPenalty = chosen.Penalty, Best = chosen.Best };
            var found = BeamSearch.Run(new ToyScorer(sentences, chosen.Classes, scores), Start, End, options);
            found.Count.ShouldBe(sentences);
            for (var sentence = 0; sentence < sentences; sentence++)
            {
                var wanted = ToyScorer.All(scores, sentence, End, chosen.Steps)
                    .Select(all => (all.Tokens, all.Ended, Score: all.LogProbability / Math.Pow((5 + all.Tokens.Length + (all.Ended ? 1 : 0)) / 6.0, chosen.Penalty)))
                    .OrderByDescending(all => all.Ended).ThenByDescending(all => all.Score).Take(chosen.Best).ToList();
                found[sentence].Select(one => string.Join(' ', one.Tokens)).ShouldBe(wanted.Select(one => string.Join(' ', one.Tokens)), $"{chosen}");
                found[sentence].Select(one => one.Ended).ShouldBe(wanted.Select(one => one.Ended));
                foreach (var (one, exact) in found[sentence].Zip(wanted)) one.Score.ShouldBe(exact.Score, 1e-9);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void One_beam_takes_the_most_probable_class_at_each_step(double penalty)
    {
        const int classes = 5, maxSteps = 12, sentences = 40;
        var scores = ToyScorer.Random(7, classes);
        var options = new BeamSearchOptions { MaxSteps = maxSteps, LengthPenalty = penalty };
        var found = BeamSearch.Run(new ToyScorer(sentences, classes, scores), Start, End, options);
        var ended = 0;
        for (var sentence = 0; sentence < sentences; sentence++)
        {
            var wanted = new List<int>();
            var end = false;
            while (wanted.Count < maxSteps && !end)
            {
                var ofPrefix = scores(sentence, wanted);
                var best = Array.IndexOf(ofPrefix, ofPrefix.Max());
                end = best == End;
                if (!end) wanted.Add(best);
            }

            found[sentence].ShouldHaveSingleItem().Tokens.ShouldBe(wanted);
            found[sentence][0].Ended.ShouldBe(end);
            ended += end ? 1 : 0;
        }

        ended.ShouldBeInRange(1, sentences - 1, "both outcomes are seen");
    }

    [Fact]
    public void What_a_sentence_gives_does_not_depend_on_the_others()
    {
        const int classes = 6;
        var scores = ToyScorer.Random(11, classes);
        var options = new BeamSearchOptions { Beams = 4, MaxSteps = 9, LengthPenalty = 0.7, Best = 3 };
        var together = BeamSearch.Run(new ToyScorer(5, classes, scores), Start, End, options);
        for (var sentence = 0; sentence < 5; sentence++)
        {
            var own = sentence;
            var alone = BeamSearch.Run(new ToyScorer(1, classes, (_, prefix) => scores(own, prefix)), Start, End, options).ShouldHaveSingleItem();
            together[sentence].Select(Line).ShouldBe(alone.Select(Line));
        }

        static string Line(Hypothesis one) => $"{string.Join(' ', one.Tokens)}: {one.LogProbability:R} {one.Score:R} {one.Ended}";
    }

    [Fact]
    public void Of_equal_candidates_the_one_behind_the_better_prefix_wins_and_then_the_lower_class()
    {
        // Behind every prefix all classes are equal, so nothing but the rule decides.
        var options = new BeamSearchOptions { Beams = 3, MaxSteps = 2, Best = 3 };
        var found = BeamSearch.Run(new ToyScorer(1, 5, (_, _) => new double[5]), Start, End, options).ShouldHaveSingleItem();

        // First step: 0 goes on, 1 ends, 2 and 3 go on. Second: 0 0, 0 1 (ended), 0 2, 0 3 by the first prefix alone.
        found.Select(one => string.Join(' ', one.Tokens)).ShouldBe(["", "0", "0 0"]);
        found.Select(one => one.Ended).ShouldBe([true, true, false]);
    }

    [Fact]
    public void The_length_penalty_decides_between_short_and_long()
    {
        // The short one: p(end) = 0.3. The long one: four tokens and the end, of probability 0.25 together.
        double[] Scores(int sentence, IReadOnlyList<int> prefix) => prefix.Count switch
        {
            0 => [double.NegativeInfinity, Math.Log(0.3), Math.Log(0.7)],
            < 4 => [double.NegativeInfinity, Math.Log(0.3), Math.Log(0.7)],
            _ => [double.NegativeInfinity, 0, double.NegativeInfinity],
        };
        Found(0).Tokens.Count.ShouldBe(0);
        Found(1).Tokens.Count.ShouldBe(4);

        Hypothesis Found(double penalty) => BeamSearch.Run(
            new ToyScorer(1, 3, Scores), Start, End, new BeamSearchOptions { Beams = 8, MaxSteps = 6, LengthPenalty = penalty })[0][0];
    }

    [Fact]
    public void A_search_stops_when_no_prefix_can_surpass_what_has_ended()
    {
        // The end is nearly certain at once; what is left cannot catch up within eight steps.
        var scorer = new ToyScorer(2, 3, (_, _) => [0, 12, 0]);
        BeamSearch.Run(scorer, Start, End, new BeamSearchOptions { Beams = 4, MaxSteps = 8, LengthPenalty = 1 });
        scorer.Steps.ShouldBe(1);
    }

    [Fact]
    public void A_hypothesis_leads_back_to_the_rows_that_it_came_from()
    {
        const int classes = 5, sentences = 2;
        var scores = ToyScorer.Random(3, classes);
        var seen = new List<(int[] Parents, int[] Tokens)>();
        var scorer = new RecordingScorer(new ToyScorer(sentences, classes, scores), seen);
        foreach (var (sentence, found) in BeamSearch.Run(scorer, Start, End, new BeamSearchOptions { Beams = 3, MaxSteps = 6, Best = 3 }).Index())
        {
            foreach (var one in found)
            {
                one.Rows.Length.ShouldBe(one.Tokens.Count + (one.Ended ? 1 : 0));
                for (var step = 0; step < one.Rows.Length; step++)
                {
                    (one.Rows[step] % sentences).ShouldBe(sentence);
                    if (step == 0) continue;
                    seen[step].Parents[one.Rows[step]].ShouldBe(one.Rows[step - 1]);
                    seen[step].Tokens[one.Rows[step]].ShouldBe(one.Tokens[step - 1]);
                }
            }
        }
    }

    [Fact]
    public void Fewer_hypotheses_come_back_where_no_more_exist()
    {
        var found = BeamSearch.Run(new ToyScorer(1, 2, (_, _) => [0, 0]), Start, End, new BeamSearchOptions { Beams = 5, MaxSteps = 1, Best = 5 });
        found[0].Select(one => one.Ended).ShouldBe([true, false]);
    }

    [Fact]
    public void Scores_that_are_no_numbers_are_refused()
    {
        var scorer = new ToyScorer(1, 2, (_, _) => [double.NaN, 0]);
        Should.Throw<InvalidOperationException>(() => BeamSearch.Run(scorer, Start, End, new BeamSearchOptions { MaxSteps = 3 }));
    }

    [Theory]
    [InlineData(0, 1, 0, 1)]
    [InlineData(1, 0, 0, 1)]
    [InlineData(1, 1, -0.5, 1)]
    [InlineData(1, 1, double.NaN, 1)]
    [InlineData(2, 1, 0, 3)]
    [InlineData(2, 1, 0, 0)]
    public void Options_out_of_range_are_refused(int beams, int steps, double penalty, int best)
    {
        var options = new BeamSearchOptions { Beams = beams, MaxSteps = steps, LengthPenalty = penalty, Best = best };
        Should.Throw<ArgumentOutOfRangeException>(() => BeamSearch.Run(new ToyScorer(1, 2, (_, _) => [0, 0]), Start, End, options));
    }

    sealed class RecordingScorer(ToyScorer inner, List<(int[] Parents, int[] Tokens)> seen) : IBeamScorer
    {
        public int Sentences => inner.Sentences;

        public int Classes => inner.Classes;

        public void Step(int step, ReadOnlySpan<int> parents, ReadOnlySpan<int> tokens, Span<float> scores, Span<float> normalizers)
        {
            seen.Add((parents.ToArray(), tokens.ToArray()));
            inner.Step(step, parents, tokens, scores, normalizers);
        }
    }
}
