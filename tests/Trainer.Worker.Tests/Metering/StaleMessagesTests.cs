using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Training;
using Metering.Support;

namespace Trainer.Worker.Tests.Metering;

/// <summary>Messages of other reigns, as a metric.</summary>
public sealed class StaleMessagesTests
{
    const string Stale = "lstm_cluster.messages.stale";

    [Fact]
    public void What_is_said_in_another_reign_is_counted_and_what_is_said_in_the_own_is_not()
    {
        using var measured = new Measured(StaleMessages.MeterName);
        using var stale = new StaleMessages();
        using var training = new Training();
        var runtime = new SimulatedRuntime(seed: 1, observer: stale);
        using var coordinator = new Inbox { Welcomes = true };
        using var server = new Inbox();
        var (coordinatorAddress, serverAddress) = (runtime.Spawn("coordinator", () => coordinator), runtime.Spawn("server", () => server));
        var run = new RunContact(coordinatorAddress, [new ParameterServerAddress(serverAddress, training.Whole[0])], Training.Term);
        var worker = runtime.Spawn("worker", () => new LstmCluster.Training.Worker(training.Computer(), training.Cache, run));
        var weights = training.Weights();

        runtime.Send(worker, Training.Publish(weights) with { Term = Training.Term });
        runtime.Send(worker, training.Assign([0, 1]) with { Term = Training.Term });
        runtime.RunUntilIdle();
        coordinator.Messages.OfType<ShardsDone>().ShouldHaveSingleItem();
        measured[Stale].ShouldBe(0);

        runtime.Send(worker, Training.Publish(weights, 1) with { Term = Training.Term.Next });
        runtime.Send(worker, training.Assign([2]) with { Term = new Term(Training.Term.Value - 1) });
        runtime.RunUntilIdle();
        measured[Stale].ShouldBe(2);

        runtime.DisposeAsync().AsTask().IsCompletedSuccessfully.ShouldBeTrue();
    }
}
