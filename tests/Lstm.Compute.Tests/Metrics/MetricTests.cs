namespace LstmCluster.Compute.Tests;

/// <summary>Figures against values that are computed by hand.</summary>
public sealed class MetricTests
{
    [Fact]
    public void A_confusion_matrix_gives_each_class_its_precision_recall_and_F1()
    {
        var matrix = new ConfusionMatrix(4);
        (int Expected, int Predicted)[] answers = [(0, 0), (0, 0), (0, 1), (1, 1), (1, 0), (1, 0), (1, 2), (2, 2)];
        foreach (var (expected, predicted) in answers) matrix.Add(expected, predicted);

        matrix.Count.ShouldBe(8);
        matrix.Accuracy.ShouldBe(4 / 8.0);
        matrix[1, 0].ShouldBe(2);
        matrix[2, 0].ShouldBe(0);
        matrix.Support(1).ShouldBe(4);
        matrix.Precision(0).ShouldBe(2 / 4.0);
        matrix.Recall(0).ShouldBe(2 / 3.0);
        matrix.F1(0).ShouldBe(4 / 7.0);
        matrix.Precision(1).ShouldBe(1 / 2.0);
        matrix.Recall(1).ShouldBe(1 / 4.0);
        matrix.F1(1).ShouldBe(2 / 6.0);
        matrix.Precision(2).ShouldBe(1 / 2.0);
        matrix.Recall(2).ShouldBe(1.0);
        matrix.F1(2).ShouldBe(2 / 3.0);
        matrix.MacroF1.ShouldBe(((4 / 7.0) + (2 / 6.0) + (2 / 3.0)) / 3, 1e-15);
        matrix.Cells.ShouldBe([(0, 0, 2), (0, 1, 1), (1, 0, 2), (1, 1, 1), (1, 2, 1), (2, 2, 1)]);
    }

    [Fact]
    public void A_class_that_does_not_occur_has_no_recall_and_one_that_is_never_told_no_precision()
    {
        var matrix = new ConfusionMatrix(3);
        matrix.Add(0, 1);

        (matrix.Precision(0), matrix.Recall(0), matrix.F1(0)).ShouldBe((null, 0.0, 0.0));
        (matrix.Precision(1), matrix.Recall(1), matrix.F1(1)).ShouldBe((0.0, null, 0.0));
        (matrix.Precision(2), matrix.Recall(2), matrix.F1(2)).ShouldBe((null, null, null));
        matrix.MacroF1.ShouldBe(0);
        new ConfusionMatrix(3).MacroF1.ShouldBe(double.NaN);
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(0, 3)]
    [InlineData(-1, 0)]
    public void A_class_that_there_is_none_of_is_refused(int expected, int predicted) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new ConfusionMatrix(3).Add(expected, predicted));

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "", 3)]
    [InlineData("", "ab", 2)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("saturday", "sunday", 3)]
    [InlineData("abc", "abc", 0)]
    [InlineData("ab", "ba", 2)]
    public void The_edit_distance_is_the_least_number_of_changes(string from, string to, int distance)
    {
        EditDistance.Between(Tokens(from), Tokens(to)).ShouldBe(distance);
        EditDistance.Between(Tokens(to), Tokens(from)).ShouldBe(distance);
    }

    [Fact]
    public void A_sequence_is_compared_with_the_closest_of_its_references()
    {
        var errors = new SequenceErrors();
        errors.Add(Tokens("abc"), [Tokens("abd"), Tokens("abc"), Tokens("x")]);
        errors.Add(Tokens("abcd"), [Tokens("xy"), Tokens("abcde")]);
        errors.Add(Tokens("abc"), [Tokens("abcd"), Tokens("ab")]);

        errors.Sequences.ShouldBe(3);
        errors.Wrong.ShouldBe(2);
        errors.SequenceError.ShouldBe(2 / 3.0);
        errors.Edits.ShouldBe(0 + 1 + 1);
        errors.ReferenceTokens.ShouldBe(3 + 5 + 4, "of two as close ones the first counts");
        errors.TokenError.ShouldBe(2 / 12.0);
        Should.Throw<ArgumentException>(() => errors.Add([], []));
    }

    [Fact]
    public void Errors_of_numbers_leave_out_what_nobody_knows()
    {
        var errors = new RegressionErrors();
        errors.Add(1, 4);
        errors.Add(double.NaN, 100);
        errors.Add(-2, -6);
        errors.Add(5, 5);

        errors.Count.ShouldBe(3);
        errors.MeanAbsolute.ShouldBe(7 / 3.0);
        errors.RootMeanSquare.ShouldBe(Math.Sqrt(25 / 3.0));
        errors.Scaled(2).ShouldBe(7 / 6.0, 1e-15);
        new RegressionErrors().MeanAbsolute.ShouldBe(double.NaN);
    }

    [Fact]
    public void A_sequence_is_right_within_a_tolerance_when_all_its_numbers_are()
    {
        var errors = new ToleranceErrors(0.5);
        errors.Add(1, 1.25);
        errors.Add(1, 0.75);
        errors.EndSequence();
        errors.Add(1, 1.5);
        errors.Add(double.NaN, 9);
        errors.Add(2, 2);
        errors.EndSequence();
        errors.Add(double.NaN, 0);
        errors.EndSequence();
        errors.Add(0, 0);
        errors.EndSequence();

        (errors.Numbers, errors.RightNumbers).ShouldBe((5, 4), "what is off by the tolerance itself is wrong");
        (errors.Sequences, errors.RightSequences).ShouldBe((3, 2), "a sequence without a number is none");
        (errors.Tolerance, errors.Largest).ShouldBe((0.5, 0.5));
        errors.Add(0, double.NaN);
        (errors.RightNumbers, errors.Largest).ShouldBe((4, double.NaN));
    }

    [Fact]
    public void The_area_under_the_curve_counts_ties_half()
    {
        // Pairs of a positive and a negative: 0.9 wins 3 times; 0.5 wins once, ties once, loses once.
        Area([0.9, 0.5, 0.5, 0.1, 0.7], [true, true, false, false, false]).ShouldBe((3 + 1.5) / 6);
        Area([1, 1, 1, 1], [true, false, true, false]).ShouldBe(0.5);
        Area([1, 2, 3, 4], [false, false, true, true]).ShouldBe(1);
        Area([1, 2, 3, 4], [true, true, false, false]).ShouldBe(0);
        Area([1, 2], [true, true]).ShouldBeNull();
        Area([1, 2], [false, false]).ShouldBeNull();
        Area([], []).ShouldBeNull();
        Should.Throw<ArgumentException>(() => Area([double.NaN], [true]));
        Should.Throw<ArgumentException>(() => Area([1], []));
    }

    [Fact]
    public void The_area_does_not_depend_on_the_order()
    {
        var random = new Random(5);
        double[] scores = [.. Enumerable.Range(0, 60).Select(_ => random.Next(12) / 4.0)];
        bool[] positives = [.. scores.Select(score => random.NextDouble() * 3 < score)];
        double wins = 0, pairs = 0;
        for (var p = 0; p < scores.Length; p++)
        {
            for (var n = 0; n < scores.Length; n++)
            {
                if (!positives[p] || positives[n]) continue;
                pairs++;
                wins += scores[p] > scores[n] ? 1 : scores[p] == scores[n] ? 0.5 : 0;
            }
        }

        Area(scores, positives).ShouldBe(wins / pairs);
        Area([.. scores.Reverse()], [.. positives.Reverse()]).ShouldBe(wins / pairs);
    }

    [Fact]
    public void A_fair_choice_among_eight_costs_three_bits()
    {
        Likelihood.Bits(Math.Log(8)).ShouldBe(3, 1e-15);
        Likelihood.Perplexity(Math.Log(8)).ShouldBe(8, 1e-14);
    }

    static double? Area(double[] scores, bool[] positives) => RocCurve.Area(scores, positives);

    static int[] Tokens(string text) => [.. text.Select(letter => (int)letter)];
}
