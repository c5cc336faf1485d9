using LstmCluster.Training;
using Metering.Support;

namespace Trainer.Coordinator.Tests;

/// <summary>A run as metrics.</summary>
public sealed class TrainingMetricsTests
{
    [Fact]
    public void Counters_begin_at_nothing_so_that_the_first_failure_is_an_increase()
    {
        using var measured = new Measured(TrainingMetrics.MeterName);
        using var metrics = new TrainingMetrics();

        measured.Lines.ShouldBe(
        [
            "lstm_cluster.checkpoint.failures {} 0",
            "lstm_cluster.coordinator.restarts {} 0",
            "lstm_cluster.gradients.rejected {} 0",
            "lstm_cluster.shards.helped {} 0",
            "lstm_cluster.shards.reissued {} 0",
            "lstm_cluster.steps {} 0",
            "lstm_cluster.tokens {} 0",
            "lstm_cluster.workers.joined {} 0",
            "lstm_cluster.workers.lost {} 0",
        ]);
    }

    [Fact]
    public void Shards_that_are_computed_again_are_counted_by_why()
    {
        using var measured = new Measured(TrainingMetrics.MeterName);
        using var metrics = new TrainingMetrics();

        metrics.On(new ShardsReissued(4, [0, 1, 2], "worker-0", "worker-1", "it is gone"));
        metrics.On(new ShardsHelped(4, [5, 6], "worker-0", "worker-1", 0.3));
        metrics.On(new GradientRefused(4, "worker-0", [7], "it is no number"));

        measured["lstm_cluster.shards.reissued"].ShouldBe(3);
        measured["lstm_cluster.shards.helped"].ShouldBe(2);
        measured["lstm_cluster.gradients.rejected"].ShouldBe(1);
    }
}
