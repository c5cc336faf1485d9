using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Compute;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Worker.Tests;

/// <summary>What a task is judged by is the same whether rows are judged at once or shard by shard.</summary>
public sealed class TaskScoreTests
{
    const int Steps = 3, Outputs = 4;

    static Arbitrary<(int Rows, int Cut, int Seed)> Batches =>
        (from rows in Gen.Choose(1, 6) from cut in Gen.Choose(0, rows) from seed in Gen.Choose(0, 1000) select (rows, cut, seed)).ToArbitrary();

    [Fact]
    public void Counts_of_classes_add_up_however_rows_are_cut() =>
        Prop.ForAll(Batches, batch =>
        {
            var (outputs, targets) = (Floats(batch.Rows, batch.Seed), Classes(batch.Rows, batch.Seed));
            var whole = new ClassScore(Outputs);
            whole.Take(outputs, Of(batch.Rows, targets), batch.Rows, new RowRange(0, batch.Rows));
            whole.Matrix.Count.ShouldBe(targets.Count(target => target >= 0));

            var (first, second, sum) = (new ClassScore(Outputs), new ClassScore(Outputs), new ClassScore(Outputs));
            first.Take(outputs, Of(batch.Rows, targets), batch.Rows, new RowRange(0, batch.Cut));
            second.Take(outputs, Of(batch.Rows, targets), batch.Rows, new RowRange(batch.Cut, batch.Rows - batch.Cut));
            foreach (var part in new[] { first, second })
            {
                sum.Fits(part.ToSums()).ShouldBeTrue();
                sum.Add(part.ToSums());
            }

            sum.Matrix.Cells.ShouldBe(whole.Matrix.Cells);
            sum.Matrix.MacroF1.ShouldBe(whole.Matrix.MacroF1);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Tokens_that_are_right_are_those_on_the_diagonal() =>
        Prop.ForAll(Batches, batch =>
        {
            var (outputs, targets) = (Floats(batch.Rows, batch.Seed), Classes(batch.Rows, batch.Seed));
            var (tokens, classes, sum) = (new TokenScore(Outputs), new ClassScore(Outputs), new TokenScore(Outputs));
            tokens.Take(outputs, Of(batch.Rows, targets), batch.Rows, new RowRange(0, batch.Rows));
            classes.Take(outputs, Of(batch.Rows, targets), batch.Rows, new RowRange(0, batch.Rows));
            sum.Fits(tokens.ToSums()).ShouldBeTrue();
            sum.Add(tokens.ToSums());

            tokens.ToSums().ShouldBe([classes.Matrix.Right, classes.Matrix.Count]);
            sum.ToSums().ShouldBe(tokens.ToSums());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Errors_are_those_of_the_numbers_that_are_known_each_of_its_own_output()
    {
        // Two rows of one step and two outputs; one number is not known.
        float[] outputs = [1, 10, 3, 40], values = [0, 12, float.NaN, 41];
        var (whole, sum) = (new ValueScore(2, areProbabilities: false), new ValueScore(2, areProbabilities: false));
        var batch = new Batch { Shape = new BatchShape(1, 2), TargetSteps = 1, Values = values };
        whole.Take(outputs, batch, 2, new RowRange(0, 2));
        whole.ToSums().ShouldBe([1, 1, 1, 3, 5, 2]);

        for (var row = 0; row < 2; row++)
        {
            var part = new ValueScore(2, areProbabilities: false);
            part.Take(outputs, batch, 2, new RowRange(row, 1));
            sum.Fits(part.ToSums()).ShouldBeTrue();
            sum.Add(part.ToSums());
        }

        sum.ToSums().ShouldBe(whole.ToSums());
    }

    [Fact]
    public void Sequences_within_a_tolerance_are_counted_row_by_row()
    {
        // Rows of two steps: one is right in both, one off in its second, one has no number.
        var batch = new Batch { Shape = new BatchShape(2, 3), TargetSteps = 2, Values = new float[] { 1, 1, float.NaN, 2, 2, float.NaN } };
        float[] outputs = [1.25f, 0.75f, 9, 2, 2.5f, 9];
        var (whole, sum) = (new ValueScore(1, areProbabilities: false, tolerance: 0.5), new ValueScore(1, areProbabilities: false, tolerance: 0.5));
        whole.Take(outputs, batch, 3, new RowRange(0, 3));
        (whole.Sequences, whole.RightSequences).ShouldBe((2, 1));
        whole.ToSums().ShouldBe([1, 0.375, 4, 2, 1]);

        for (var row = 0; row < 3; row++)
        {
            var part = new ValueScore(1, areProbabilities: false, tolerance: 0.5);
            part.Take(outputs, batch, 3, new RowRange(row, 1));
            sum.Fits(part.ToSums()).ShouldBeTrue();
            sum.Add(part.ToSums());
        }

        sum.ToSums().ShouldBe(whole.ToSums());
        sum.Fits([1, 1, 1, 1, 2]).ShouldBeFalse("no more sequences are right than there are");
        sum.Fits([1, 1, 1]).ShouldBeFalse();
        new ValueScore(1, areProbabilities: false).RightSequences.ShouldBeNull();
    }

    [Fact]
    public void Logits_are_compared_as_the_probabilities_that_they_stand_for()
    {
        var score = new ValueScore(1, areProbabilities: true);
        score.Take([0], new Batch { Shape = new BatchShape(1, 1), TargetSteps = 1, Values = new float[] { 1 } }, 1, new RowRange(0, 1));
        score.ToSums().ShouldBe([0.5, 0.25, 1]);
    }

    [Fact]
    public void Sums_that_no_worker_of_the_task_tells_are_noticed()
    {
        TaskScore classes = new ClassScore(3), tokens = new TokenScore(3), values = new ValueScore(1, areProbabilities: false);
        foreach (var sums in new double[][] { [1, 2], [3, 0, 1], [0, -1, 1], [0, 1, 0.5], [0, 1, double.NaN] }) classes.Fits(sums).ShouldBeFalse(string.Join(' ', sums));
        foreach (var sums in new double[][] { [], [2, 1], [0.5, 1], [-1, 1], [1, double.PositiveInfinity] }) tokens.Fits(sums).ShouldBeFalse(string.Join(' ', sums));
        foreach (var sums in new double[][] { [], [1, 1], [1, 1, 0.5], [-1, 1, 1], [1, 1, 1, 1] }) values.Fits(sums).ShouldBeFalse(string.Join(' ', sums));
        classes.Fits([]).ShouldBeTrue("a shard may have no target that counts");
        values.Fits([double.NaN, double.PositiveInfinity, 3]).ShouldBeTrue("its loss tells that it has diverged");
    }

    [Fact]
    public void A_language_model_is_judged_by_its_loss_alone() =>
        TaskScore.Of(
            new Job
            {
                Name = "text",
                Task = new LanguageModelTask(),
                Data = new DataOptions { Source = "text" },
                Model = new ModelOptions { Layers = [] },
                Training = new TrainingOptions { Steps = 1 },
            },
            Outputs).ShouldBeNull();

    static Batch Of(int rows, int[] classes) => new() { Shape = new BatchShape(Steps, rows), TargetSteps = Steps, Classes = classes };

    static float[] Floats(int rows, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Steps * rows * Outputs).Select(_ => random.Next(3) - 1.5f)];
    }

    static int[] Classes(int rows, int seed)
    {
        var random = new Random(seed + 1);
        return [.. Enumerable.Range(0, Steps * rows).Select(_ => random.Next(Outputs + 1) - 1)];
    }
}
