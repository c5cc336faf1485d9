using LstmCluster.Benchmarks;

namespace Lstm.Benchmarks.Tests;

/// <summary>Each benchmark runs once at a tiny size, so that none of them rots, and allocates nothing once it is warm.</summary>
public class TinyRuns
{
    [Theory]
    [InlineData("1,1,1,1")]
    [InlineData("3,2,5,7")]
    public void The_layer_benchmark_allocates_nothing(string shape)
    {
        var benchmark = new LstmLayerBenchmark { Shape = shape };
        benchmark.Setup();
        benchmark.Forward();
        AllocatedBytes(benchmark.ForwardAndBackward).ShouldBe(0);
    }

    [Fact]
    public void The_step_benchmark_allocates_nothing()
    {
        var benchmark = new TrainingStepBenchmark { Units = 8, Steps = 3 };
        benchmark.Setup();
        AllocatedBytes(benchmark.Step).ShouldBe(0);
    }

    [Fact]
    public void The_survey_of_exp_sigmoid_and_tanh_finds_the_stated_errors()
    {
        // A prime, so that all low bits occur.
        var figures = UlpSurvey.Run(stride: 60_013);

        figures.Select(f => f.Function).ShouldBe(["exp", "sigmoid", "tanh"]);
        figures.ShouldAllBe(f => f.WorstUlp > 0.5 && f.WorstUlp < 2.5 && f.LostNotNumbers == 0 && f.Floats > uint.MaxValue / 60_013);
        figures.ShouldAllBe(f => f.WorstBelow < 1e-37);
    }

    static long AllocatedBytes(Action action)
    {
        action();
        action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
