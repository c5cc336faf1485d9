using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>What the coordinator does about those who take too long.</summary>
public class WaitTests
{
    const int Steps = 14;

    static readonly Lazy<string> Undisturbed = UndisturbedRun.Of(Steps);

    [Fact]
    public void A_lost_answer_is_asked_for_again_of_another_worker_and_then_of_the_same()
    {
        foreach (var workers in new[] { 1, 3 })
        {
            var lost = 0;
            using var training = new SimulatedTraining(
                TinyJob.Of(Steps), workers, onWorkerSend: message => message is ShardsDone { Round.Step.Value: 5 } && lost++ == 0 ? null : message);
            training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);
            training.FinalWeights.ShouldBe(Undisturbed.Value);
            training.Events.OfType<WorkerWent>().ShouldBeEmpty();
            training.Runtime.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
        }
    }

    [Fact]
    public void A_lost_gradient_is_noticed_by_its_sum_and_only_its_shards_are_computed_again()
    {
        IReadOnlyList<int>? lost = null;
        using var training = new SimulatedTraining(TinyJob.Of(Steps), workers: 3, onWorkerSend: message =>
        {
            if (message is not PushGradient { Step.Value: 5 } push || lost is not null) return message;
            lost = [.. Enumerable.Range(push.Node.First, push.Node.Count)];
            return null;
        });
        training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);
        training.FinalWeights.ShouldBe(Undisturbed.Value);
        var reissued = training.Events.OfType<ShardsReissued>().ToList();
        reissued.SelectMany(again => again.Shards).Order().ShouldBe(lost);
        reissued.ShouldAllBe(again => again.Step == 5 && again.Reason == "its gradient is missing" && again.From != again.To);
        training.Events.OfType<StepCompleted>().Single(step => step.Step == 5).ShardsReissued.ShouldBe(lost!.Count);
    }

    [Fact]
    public void A_worker_that_never_answers_is_lost_after_the_limit_and_the_run_goes_on_without_it()
    {
        string? hung = null;
        using var training = new SimulatedTraining(TinyJob.Of(Steps), workers: 2, onWorkerSend: message => message switch
        {
            ShardsDone { Round.Step.Value: >= 5 } done when (hung ??= done.Worker.Name) == done.Worker.Name => null,
            PushGradient { Step.Value: >= 5 } push when (hung ??= push.Worker.Name) == push.Worker.Name => null,
            _ => message,
        },
        plan: plan => plan with { ShardTimeout = TimeSpan.FromSeconds(3), Waits = new WaitLimits { LeastSlow = TimeSpan.FromHours(1) } });
        training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);
        training.FinalWeights.ShouldBe(Undisturbed.Value);
        var went = training.Events.OfType<WorkerWent>().ShouldHaveSingleItem();
        went.Worker.ShouldBe(hung);
        went.Reason!.ShouldMatch(@"^step 5: no answer from worker-\d for shards [\d, ]+ within 3\.0 s$");
        training.Events.OfType<ShardsReissued>().Single().From.ShouldBe(hung);
    }

    [Fact]
    public void The_shards_of_a_slow_worker_are_computed_by_one_that_has_nothing_to_do()
    {
        string? slow = null;
        using var training = new SimulatedTraining(TinyJob.Of(Steps), workers: 4, onWorkerSend: message =>
            message is ShardsDone { Round: { Kind: WorkKind.Train, Step.Value: >= 5 and <= 8 } } done && (slow ??= done.Worker.Name) == done.Worker.Name ? null : message);
        training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);
        training.FinalWeights.ShouldBe(Undisturbed.Value);
        var helped = training.Events.OfType<ShardsHelped>().ToList();
        helped.Select(help => help.Step).ShouldBe([5, 6, 7, 8]);
        helped.ShouldAllBe(help => help.Worker == slow && help.Helper != slow && help.Shards.Count == 2);
        training.Events.OfType<WorkerWent>().ShouldBeEmpty();
        training.Events.OfType<StepCompleted>().ShouldAllBe(step => step.ShardsReissued == 0);
    }

    [Fact]
    public void What_a_worker_that_hangs_was_given_besides_is_computed_by_one_that_has_nothing_to_do_as_well()
    {
        var besides = 0;
        for (var seed = 1UL; seed <= 20; seed++)
        {
            var refused = false;
            using var training = new SimulatedTraining(TinyJob.Of(Steps), workers: 3, seed, onWorkerSend: message =>
            {
                switch (message)
                {
                    case ShardsDone { Round: { Kind: WorkKind.Train, Step.Value: 5 }, Worker.Name: "worker-0" } or PushGradient { Step.Value: 5, Worker.Name: "worker-0" }:
                        return null;
                    case ShardsDone { Round: { Kind: WorkKind.Train, Step.Value: 5 }, Worker.Name: "worker-2" } done when !refused:
                        // Where the third one is still at work its shards are given to both, to be computed after what they have.
                        refused = true;
                        return done with { Results = [.. done.Results.Select(result => result with { Loss = double.NaN })] };
                    default:
                        return message;
                }
            });
            training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);
            training.FinalWeights.ShouldBe(Undisturbed.Value);
            training.Runtime.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(1), $"seed {seed}: {training.Story}");
            besides += training.Events.OfType<ShardsReissued>().Count(again => again.To == "worker-0");
        }

        besides.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void A_helper_that_hangs_too_is_helped_out_in_turn()
    {
        string? helper = null;
        using var training = new SimulatedTraining(TinyJob.Of(Steps), workers: 4, onWorkerSend: message => message switch
        {
            ShardsDone { Round: { Kind: WorkKind.Train, Step.Value: 5 } } done when Hangs(done.Worker.Name, done.Attempt) => null,
            PushGradient { Step.Value: 5 } push when Hangs(push.Worker.Name, push.Attempt) => null,
            _ => message,
        });
        training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);
        training.FinalWeights.ShouldBe(Undisturbed.Value);
        var helped = training.Events.OfType<ShardsHelped>().Where(help => help.Step == 5).ToList();
        helped.Select(help => help.Helper).Distinct().Count().ShouldBeGreaterThan(1, training.Story);
        helped[0].Helper.ShouldBe(helper);
        training.Runtime.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(1));

        // Each of the four has one assignment of the step; the first one after those is a helper's.
        bool Hangs(string worker, int attempt) => worker == "worker-0" || (attempt > 4 && (helper ??= worker) == worker);
    }
}
