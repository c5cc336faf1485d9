using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Data;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>Inputs are run side by side, and padding is bounded.</summary>
public class PaddedBatchesTests
{
    static Sample Input(int steps, int longestWord = 0) => new() { Steps = steps, Characters = longestWord == 0 ? [] : [.. Enumerable.Range(0, steps).Select(step => new int[step == 0 ? longestWord : 1])] };

    static int[] Counts(IEnumerable<Sample> inputs) => [.. PaddedBatches.Of([.. inputs]).Select(batch => batch.Count)];

    [Fact]
    public void Short_inputs_are_one_batch_and_a_long_one_is_not_what_they_are_padded_to()
    {
        Counts([]).ShouldBeEmpty();
        Counts(Enumerable.Repeat(Input(100), 64)).ShouldBe([64]);
        Counts([Input(5), Input(5), Input(PaddedBatches.MostSteps), Input(5), Input(5)]).ShouldBe([2, 1, 2]);
        Counts([Input(PaddedBatches.MostSteps / 2), Input(5), Input(5)]).ShouldBe([2, 1]);
        Counts([Input(10 * PaddedBatches.MostSteps)]).ShouldBe([1]);
    }

    [Fact]
    public void Words_of_many_letters_are_padding_too()
    {
        Counts(Enumerable.Repeat(Input(100, 10), 64)).ShouldBe([64]);
        Counts([Input(100, 10), Input(100, 10), Input(10, PaddedBatches.MostCharacters / 150), Input(10, 10)]).ShouldBe([2, 2]);
        Counts([Input(10, 10), Input(10, PaddedBatches.MostCharacters)]).ShouldBe([1, 1]);
    }

    [Fact]
    public void Every_input_is_in_one_batch_in_its_place_and_no_batch_of_several_is_too_large() => Prop.ForAll(
        Gen.Choose(1, 3 * PaddedBatches.MostSteps / 2).ListOf().ToArbitrary(),
        lengths =>
        {
            List<Sample> inputs = [.. lengths.Select(length => Input(length))];
            var batches = PaddedBatches.Of(inputs).ToList();
            batches.SelectMany(batch => batch).ShouldBe(inputs);
            batches.ShouldAllBe(batch => batch.Count == 1 || batch.Count * batch.Max(input => input.Steps) <= PaddedBatches.MostSteps);
        }).QuickCheckThrowOnFailure();
}
