using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>What a run counts, over all generations of a process.</summary>
public class RunClockTests
{
    [Fact]
    public void Seconds_and_tokens_are_those_of_all_generations_and_checkpoints_are_counted_from_each_ones_beginning()
    {
        var clock = new RunClock(new CheckpointByTime(TimeSpan.FromSeconds(30)));
        clock.Start(new Step(0), Seconds(5));
        clock.EndTraining(Seconds(5), Seconds(15), tokens: 100);

        clock.Start(new Step(0), Seconds(25));
        clock.IsCheckpointDue(new Step(1), Seconds(40)).ShouldBeFalse();
        clock.EndTraining(Seconds(25), Seconds(35), tokens: 300);

        clock.SecondsSinceStart(Seconds(45)).ShouldBe(40);
        clock.TokensPerSecond.ShouldBe(20);
        clock.IsCheckpointDue(new Step(2), Seconds(55)).ShouldBeTrue();
    }

    static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
