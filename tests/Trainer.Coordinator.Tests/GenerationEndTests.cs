using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Simulation;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>What ends a coordinator's generation, and what does not.</summary>
public class GenerationEndTests
{
    const int Steps = 14;

    static readonly Lazy<string> Undisturbed = UndisturbedRun.Of(Steps);

    [Fact]
    public void A_parameter_server_that_is_gone_ends_the_generation()
    {
        using var training = new SimulatedTraining(TinyJob.Of(Steps), workers: 2);
        training.Runtime.RunUntil(() => training.AppliedSteps == 5, TimeSpan.FromMinutes(1));
        training.Runtime.Kill(training.ParameterServer!);
        EndOf(training).Message.ShouldStartWith("parameter server parameter-server is gone: ");
        training.Checkpoints[^1].Step.ShouldBe(4, "from here the next generation goes on");
    }

    [Fact]
    public void A_parameter_server_that_is_silent_for_too_long_ends_the_generation()
    {
        using var unapplied = new SimulatedTraining(TinyJob.Of(Steps), workers: 2, network: _ => new Network(lose: message => message is StepApplied { Step.Value: 5 }));
        EndOf(unapplied).Message.ShouldMatch(@"^parameter server parameter-server was to apply step 5, and has not answered for 30\.\d s$");
        using var unsummed = new SimulatedTraining(
            TinyJob.Of(Steps), workers: 2, network: _ => new Network(lose: message => message is GradientSummed { Step.Value: 5 } or GradientMissing { Step.Value: 5 }));
        EndOf(unsummed).Message.ShouldMatch(@"^parameter server parameter-server was to report its sum of step 5, and has not answered for 30\.\d s$");
    }

    [Fact]
    public void One_answer_in_many_is_enough()
    {
        var applied = 0;
        using var training = new SimulatedTraining(TinyJob.Of(Steps), workers: 2, network: _ => new Network(lose: message => message is StepApplied { Step.Value: 5 } && ++applied < 12));
        training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);
        training.FinalWeights.ShouldBe(Undisturbed.Value);
    }

    [Fact]
    public void What_is_said_in_another_reign_changes_nothing()
    {
        using var training = new SimulatedTraining(TinyJob.Of(Steps), workers: 3, network: pool => new Network(copy: message => Falsified(new SecondArrival(pool).Of(message)!)));
        training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);
        training.FinalWeights.ShouldBe(Undisturbed.Value);
        training.Events.ShouldAllBe(happened => !(happened is GradientRefused || happened is ShardsReissued || happened is WorkerWent));
    }

    [Fact]
    public void A_disk_that_hangs_is_reported_and_training_goes_on()
    {
        using var training = new SimulatedTraining(
            TinyJob.Of(Steps), workers: 2, network: _ => new Network(lose: message => message is WriteCheckpoint { Step.Value: 4 }, cost: TimeSpan.FromSeconds(8)));
        training.Runtime.RunUntil(() => training.AppliedSteps == Steps, TimeSpan.FromMinutes(30));
        var notices = training.Events.OfType<Noticed>().Select(notice => notice.Message).Where(text => text.Contains("checkpoint", StringComparison.Ordinal)).ToList();
        notices.Count.ShouldBeGreaterThan(0, training.Story);
        notices[0].ShouldMatch(@"^the checkpoint is still being written after 60\.\d s; training goes on$");
        training.Checkpoints.ShouldHaveSingleItem().Step.ShouldBe(0);
    }

    static GenerationLostException EndOf(SimulatedTraining training) =>
        Should.Throw<InvalidOperationException>(() => training.RunToEnd()).InnerException.ShouldBeOfType<GenerationLostException>();

    /// <summary>What would do harm if it were believed.</summary>
    static Message Falsified(Message message)
    {
        switch (message)
        {
            case PushGradient push: push.Gradient.Singles!.Span.Fill(float.NaN); break;
            case WeightsPublished published:
                published.Weights.Span.Fill(float.NaN);
                message = published with { Version = new WeightVersion(published.Version.Value + 1) };
                break;
            case ShardsDone done: message = done with { Results = [.. done.Results.Select(result => result with { Loss = double.NaN })] }; break;
            case ApplyStep apply: message = apply with { GradientScale = 0 }; break;
        }

        return (ClusterMessage)message with { Term = new Term(7) };
    }

    sealed class Network(Predicate<Message>? lose = null, Func<Message, Message>? copy = null, TimeSpan cost = default) : IDeliveryPolicy
    {
        public Delivery Route(ActorRef? sender, ActorRef receiver, Message message, TimeSpan elapsed) =>
            lose?.Invoke(message) == true ? Delivery.Lost : new Delivery(TimeSpan.Zero) { Copy = message is ClusterMessage ? copy?.Invoke(message) : null };

        public TimeSpan CostOf(ActorRef receiver, Message message) => message is AssignShards ? cost : TimeSpan.Zero;
    }
}
