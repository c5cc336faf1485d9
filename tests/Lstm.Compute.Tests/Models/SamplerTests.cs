using LstmCluster.Compute;

namespace Lstm.Compute.Tests.Models;

public class SamplerTests
{
    static readonly float[] s_scores = [0.5f, 2f, -1f, 1.25f, 0.75f];

    [Fact]
    public void The_same_seed_draws_the_same_classes_and_another_does_not()
    {
        Drawn(new Sampler(1, 0, seed: 5), 200).ShouldBe(Drawn(new Sampler(1, 0, seed: 5), 200));
        Drawn(new Sampler(1, 0, seed: 6), 200).ShouldNotBe(Drawn(new Sampler(1, 0, seed: 5), 200));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(3)]
    public void Classes_are_drawn_as_often_as_the_softmax_of_the_scores_over_the_temperature_says(double temperature)
    {
        const int Count = 20_000;
        var drawn = Drawn(new Sampler(temperature, 0, seed: 1), Count).CountBy(index => index).ToDictionary();
        var total = s_scores.Sum(score => Math.Exp(score / temperature));
        for (var index = 0; index < s_scores.Length; index++)
        {
            var probability = Math.Exp(s_scores[index] / temperature) / total;
            var standardError = Math.Sqrt(probability * (1 - probability) / Count);
            (drawn.GetValueOrDefault(index) / (double)Count).ShouldBe(probability, 6 * standardError);
        }
    }

    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(2, new[] { 1, 3 })]
    [InlineData(4, new[] { 0, 1, 3, 4 })]
    [InlineData(5, new[] { 0, 1, 2, 3, 4 })]
    [InlineData(99, new[] { 0, 1, 2, 3, 4 })]
    [InlineData(0, new[] { 0, 1, 2, 3, 4 })]
    public void Only_the_k_best_classes_are_drawn_and_all_of_them(int topK, int[] expected) =>
        Drawn(new Sampler(2, topK, seed: 1), 2_000).Distinct().Order().ShouldBe(expected);

    [Fact]
    public void A_temperature_of_zero_takes_the_best_class_always() =>
        Drawn(new Sampler(0, 0, seed: 1), 50).ShouldAllBe(index => index == 1);

    [Fact]
    public void The_smallest_temperature_and_the_largest_scores_do_not_overflow()
    {
        var sampler = new Sampler(double.Epsilon, 0, seed: 1);
        sampler.Next([float.MaxValue, -float.MaxValue, 0f]).ShouldBe(0);
        sampler.Next([-float.MaxValue, -1e30f, -float.MaxValue]).ShouldBe(1);
    }

    [Fact]
    public void A_sampler_may_be_used_for_another_number_of_classes()
    {
        var sampler = new Sampler(1, 0, seed: 1);
        sampler.Next([1f, 2f, 3f]).ShouldBeInRange(0, 2);
        sampler.Next([4f]).ShouldBe(0);
    }

    static List<int> Drawn(Sampler sampler, int count) => [.. Enumerable.Range(0, count).Select(_ => sampler.Next(s_scores))];
}
