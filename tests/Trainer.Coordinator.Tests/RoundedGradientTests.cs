using LstmCluster.Compute;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>Gradients that are rounded to 16 bits on their way along the tree.</summary>
public class RoundedGradientTests
{
    const int Steps = 6;

    [Fact]
    public void Any_number_of_workers_and_processes_has_the_same_bits()
    {
        var one = Trained(workers: 1, GradientPrecision.Bf16);
        Trained(workers: 2, GradientPrecision.Bf16).ShouldBe(one);
        Trained(workers: 3, GradientPrecision.Bf16).ShouldBe(one);
        Trained(workers: 0, GradientPrecision.Bf16, slots: 1).ShouldBe(one);
        Trained(workers: 0, GradientPrecision.Bf16, slots: 3).ShouldBe(one);
        Trained(workers: 2, GradientPrecision.Bf16, slots: 2).ShouldBe(one);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Any_number_of_parameter_servers_has_the_same_bits(int servers)
    {
        var one = Trained(workers: 1, GradientPrecision.Bf16);
        Trained(workers: 2, GradientPrecision.Bf16, servers: servers).ShouldBe(one);
        Trained(workers: 1, GradientPrecision.Bf16, slots: 2, servers).ShouldBe(one);
    }

    [Fact]
    public void The_bits_are_others_than_those_of_single_precision() =>
        Trained(workers: 1, GradientPrecision.Bf16).ShouldNotBe(Trained(workers: 1, GradientPrecision.Fp32));

    static string Trained(int workers, GradientPrecision precision, int slots = 0, int servers = 1)
    {
        var job = TinyJob.Of(Steps);
        using var training = new SimulatedTraining(
            job with { Training = job.Training with { Gradients = precision } }, workers,
            plan: plan => plan with { TakesRemoteWorkers = slots > 0, MinWorkers = Math.Max(1, workers + slots), ParameterServers = servers });
        if (slots > 0) training.JoinAsHost("pc", slots, _ => { });
        training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);
        return training.FinalWeights;
    }
}
