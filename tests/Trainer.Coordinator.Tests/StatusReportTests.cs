using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

public sealed class StatusReportTests
{
    [Fact]
    public void A_coordinator_tells_whom_it_waits_for_who_computes_and_when_it_is_over()
    {
        var told = new List<CoordinatorStatus>();
        using var training = new SimulatedTraining(TinyJob.Of(steps: 5), workers: 0, plan: plan => plan with { TakesRemoteWorkers = true, MinWorkers = 2 });
        training.Join("first");
        training.Runtime.RunUntil(() => training.Events.OfType<WorkerCame>().Any(), TimeSpan.FromMinutes(1));
        Ask();
        training.Join("second");
        training.Runtime.RunUntil(() => training.AppliedSteps > 0, TimeSpan.FromMinutes(1));
        while (told.Count < 2 || told[^1].Workers.All(worker => worker.Shards.Count == 0)) Ask();
        training.RunToEnd().ShouldBeOfType<RunFinished>();
        Ask();

        var waiting = told[0];
        (waiting.Phase, waiting.WorkersAwaited, waiting.Step).ShouldBe((RunPhase.WaitingForWorkers, 1, 0));
        var computing = told[^2];
        (computing.Phase, computing.WorkersAwaited).ShouldBe((RunPhase.Training, 0));
        computing.Workers.Select(worker => worker.Name).ShouldBe(["first", "second"]);
        computing.Round.ShouldNotBeNull();
        var shards = computing.Workers.SelectMany(worker => worker.Shards).ToList();
        shards.ShouldBeUnique();
        (shards.Count + computing.ShardsDone).ShouldBe(computing.Shards);
        computing.ParameterServers.ShouldHaveSingleItem();
        told[^1].Phase.ShouldBe(RunPhase.Ending);

        void Ask()
        {
            var before = told.Count;
            training.Runtime.Send(training.Coordinator, new ReportStatus(told.Add));
            training.Runtime.RunUntil(() => told.Count > before, TimeSpan.FromMinutes(1));
        }
    }
}
