using LstmCluster.Cli.Operations;
using LstmCluster.Training;

namespace Trainer.Cli.Tests.Operations;

public sealed class WorkSharesTests
{
    [Fact]
    public void Shares_are_those_of_the_last_steps_and_seconds_are_all()
    {
        var shares = new WorkShares();
        for (var step = 1; step <= 500; step++) shares.Add(Step(step, compute: 1, new WorkerWait("other", 3)));
        for (var step = 501; step <= 1000; step++) shares.Add(Step(step, compute: 3, new WorkerWait("parameter-server", 1)));

        var worker = shares.Of(new WorkerStatus("worker", [], TimeSpan.Zero), "cpu");

        worker.ComputeShare!.Value.ShouldBe(0.75, 0.001);
        worker.ComputeSeconds.ShouldBe(2000);
        worker.ShardsDone.ShouldBe(2000);
        worker.Waits.Select(wait => wait.On).ShouldBe(["parameter-server", "other"]);
        worker.Waits[0].Share.ShouldBe(0.25, 0.001);
        worker.Waits[1].Share.ShouldBe(0, 0.001);
        worker.Waits.Select(wait => wait.Seconds).ShouldBe([500, 1500]);
    }

    [Fact]
    public void A_worker_that_is_gone_is_forgotten()
    {
        var shares = new WorkShares();
        shares.Add(Step(1, compute: 1));
        shares.Add(new StepWork(2, 1, []));

        shares.Of(new WorkerStatus("worker", [], TimeSpan.Zero), null).ComputeShare.ShouldBeNull();
    }

    static StepWork Step(long step, double compute, params WorkerWait[] waits) => new(step, 4, [new WorkerWork("worker", 2, compute, waits)]);
}
