using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>The production actors, real numbers included, in the deterministic runtime.</summary>
public class CoordinatorTests
{
    const int Steps = 14;

    static readonly Lazy<string> Undisturbed = new(() => FinalWeightsOf(workers: 1, seed: 1));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(11)]
    public void The_number_of_workers_does_not_show_in_the_weights(int workers) =>
        FinalWeightsOf(workers, seed: (ulong)workers).ShouldBe(Undisturbed.Value);

    [Fact]
    public void A_checkpoint_at_the_end_of_a_pass_carries_no_state_whenever_it_is_taken()
    {
        // One that is asked for again after the next step has begun has nothing else to hold.
        using var training = new SimulatedTraining(TinyJob.Of(Steps, every: new CheckpointBySteps(1)), workers: 2);
        training.RunToEnd().ShouldBeOfType<RunFinished>();

        training.Checkpoints.Count(checkpoint => checkpoint.Position.BeginsPass).ShouldBeGreaterThan(1);
        foreach (var checkpoint in training.Checkpoints) checkpoint.CarriesState.ShouldBe(!checkpoint.Position.BeginsPass, $"step {checkpoint.Step}");
    }

    [Fact]
    public void The_weights_depend_on_the_data_and_the_seed()
    {
        var job = TinyJob.Of(Steps);
        using var other = new SimulatedTraining(job with { Seed = job.Seed + 1 }, workers: 2);
        other.RunToEnd().ShouldBeOfType<RunFinished>();
        other.FinalWeights.ShouldNotBe(Undisturbed.Value);
    }

    [Fact]
    public void The_order_of_delivery_and_killed_workers_do_not_show_in_the_weights() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<(ulong Seed, byte Workers, byte[] Kills)>(), run =>
            {
                var workers = 2 + (run.Workers % 4);
                using var training = new SimulatedTraining(TinyJob.Of(Steps), workers, run.Seed);
                var killed = new List<ActorRef>();
                var late = 0;
                foreach (var pause in run.Kills.Take(6))
                {
                    for (var turn = 0; turn < pause && training.Ended is null; turn++) training.Runtime.Step();
                    if (training.Ended is not null || training.Workers.Count == 0) break;

                    // The coordinator gives up when nobody is left, so somebody joins before somebody goes.
                    var name = $"late-{late++}";
                    training.Join(name);
                    while (training.Events.OfType<WorkerCame>().All(joined => joined.Worker != name) && training.Ended is null) training.Runtime.Step();
                    if (training.Ended is not null) break;
                    var living = training.Workers.Values.Except(killed).ToList();
                    killed.Add(living[pause % living.Count]);
                    training.Runtime.Kill(killed[^1]);
                }

                training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);
                training.FinalWeights.ShouldBe(Undisturbed.Value);
                training.Events.OfType<StepCompleted>().Select(step => step.Step).ShouldBe(Enumerable.Range(1, Steps).Select(step => (long)step));
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Going_on_from_any_checkpoint_gives_the_same_weights()
    {
        var job = TinyJob.Of(Steps, every: new CheckpointBySteps(1));
        using var whole = new SimulatedTraining(job, workers: 2);
        whole.RunToEnd();
        whole.FinalWeights.ShouldBe(Undisturbed.Value);
        whole.Checkpoints.Select(checkpoint => checkpoint.Step).ShouldBeInOrder();
        whole.Checkpoints.Count.ShouldBeGreaterThan(Steps / 2);
        foreach (var checkpoint in whole.Checkpoints)
        {
            using var rest = new SimulatedTraining(job, workers: 3, from: checkpoint);
            rest.RunToEnd().ShouldBeOfType<RunFinished>();
            rest.AppliedSteps.ShouldBe(Steps - checkpoint.Step);
            rest.FinalWeights.ShouldBe(Undisturbed.Value);
        }
    }

    public static TheoryData<OptimizerOptions> Optimizers =>
    [
        new SgdOptions { Rate = 0.1, Momentum = 0.9 }, new RmsPropOptions { Rate = 0.001, Centered = true, Momentum = 0.5 },
        new AdagradOptions { RateDecay = 0.1, InitialAccumulator = 0.1 }, new NadamOptions { MomentumDecay = 0.5 },
    ];

    [Theory]
    [MemberData(nameof(Optimizers), DisableDiscoveryEnumeration = true)]
    public void Every_optimizer_goes_on_from_its_checkpoint_with_the_same_bits(OptimizerOptions optimizer)
    {
        var job = TinyJob.Of(Steps, optimizer: optimizer);
        using var whole = new SimulatedTraining(job, workers: 2);
        whole.RunToEnd().ShouldBeOfType<RunFinished>();
        var middle = whole.Checkpoints.First(checkpoint => checkpoint.Step is > 0 and < Steps);
        using var rest = new SimulatedTraining(job, workers: 3, from: middle);
        rest.RunToEnd().ShouldBeOfType<RunFinished>();
        rest.FinalWeights.ShouldBe(whole.FinalWeights);
    }

    [Fact]
    public void A_spoiled_gradient_is_rejected_by_name_and_computed_again()
    {
        var spoiled = 0;
        using var training = new SimulatedTraining(TinyJob.Of(Steps), workers: 3, onWorkerSend: message =>
        {
            if (message is PushGradient { Step.Value: 6 } push && spoiled++ == 0) push.Gradient.Singles!.Span[3] = float.NaN;
            return message;
        });
        training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);
        training.FinalWeights.ShouldBe(Undisturbed.Value);
        var refused = training.Events.OfType<GradientRefused>().ShouldHaveSingleItem();
        refused.Step.ShouldBe(6);
        refused.Worker.ShouldStartWith("worker-");
        refused.Shards.ShouldNotBeEmpty();
        refused.Reason.ShouldContain("NaN");
    }

    [Fact]
    public void A_gradient_that_is_spoiled_twice_ends_the_run_at_the_last_good_checkpoint()
    {
        using var training = new SimulatedTraining(TinyJob.Of(Steps), workers: 3, onWorkerSend: message =>
        {
            if (message is PushGradient { Step.Value: 6 } push) push.Gradient.Singles!.Span[3] = float.PositiveInfinity;
            return message;
        });
        var failed = training.RunToEnd().ShouldBeOfType<RunFailed>();
        failed.Step.ShouldBe(6);
        failed.Reason.ShouldStartWith("step 6, shard ");
        failed.Checkpoint.ShouldBe("step-4");
    }

    [Fact]
    public void A_loss_that_is_no_number_is_computed_again_with_its_state()
    {
        var spoiled = 0;
        using var training = new SimulatedTraining(TinyJob.Of(Steps), workers: 2, onWorkerSend: message =>
        {
            if (message is not ShardsDone { Round: { Kind: WorkKind.Train, Step.Value: 3 } } done || spoiled++ > 0) return message;
            foreach (var result in done.Results) result.State!.Span.Fill(float.NaN);
            return done with { Results = [.. done.Results.Select(result => result with { Loss = double.NaN })] };
        });
        training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);
        training.FinalWeights.ShouldBe(Undisturbed.Value);
        training.Events.OfType<GradientRefused>().ShouldHaveSingleItem().Step.ShouldBe(3);
    }

    [Fact]
    public void Divergence_ends_the_run_names_the_step_and_leaves_a_checkpoint_from_before()
    {
        var job = TinyJob.Of(Steps, clip: new NoClip(), optimizer: new SgdOptions { Rate = 1e6 }, every: new CheckpointBySteps(1));
        using var training = new SimulatedTraining(job, workers: 2);
        var failed = training.RunToEnd().ShouldBeOfType<RunFailed>();
        failed.Step.ShouldBe(2);
        failed.Reason.ShouldStartWith("step 2: training diverged");
        failed.Checkpoint.ShouldBe("step-0");
    }

    [Fact]
    public void The_loss_of_all_workers_ends_the_run_with_the_reason()
    {
        using var training = new SimulatedTraining(TinyJob.Of(Steps), workers: 2);
        training.Runtime.RunUntil(() => training.AppliedSteps == 3, TimeSpan.FromMinutes(1));
        foreach (var worker in training.Workers.Values) training.Runtime.Kill(worker);
        var failed = training.RunToEnd().ShouldBeOfType<RunFailed>();
        failed.Reason.ShouldContain("every worker is lost");
        failed.Checkpoint.ShouldNotBeNull();
    }

    [Fact]
    public void A_stop_finishes_the_step_in_work_and_leaves_a_checkpoint_of_it()
    {
        using var training = new SimulatedTraining(TinyJob.Of(Steps), workers: 2);
        training.Runtime.RunUntil(() => training.AppliedSteps == 6, TimeSpan.FromMinutes(1));
        training.Runtime.Send(training.Coordinator, new StopTraining());
        var interrupted = training.RunToEnd().ShouldBeOfType<RunInterrupted>();
        interrupted.Checkpointed.ShouldBeTrue();
        training.Checkpoints[^1].Step.ShouldBe(interrupted.Step);
        interrupted.Step.ShouldBe(training.AppliedSteps);

        using var rest = new SimulatedTraining(TinyJob.Of(Steps), workers: 1, from: training.Checkpoints[^1]);
        rest.RunToEnd();
        rest.FinalWeights.ShouldBe(Undisturbed.Value);
    }

    [Fact]
    public void A_stop_before_any_worker_has_joined_ends_at_once_with_the_first_checkpoint()
    {
        using var training = new SimulatedTraining(TinyJob.Of(Steps), workers: 0);
        training.Runtime.Send(training.Coordinator, new StopTraining());
        training.RunToEnd().ShouldBe(new RunInterrupted(0, "run", Checkpointed: true));
    }

    [Fact]
    public void A_stop_during_a_validation_does_not_wait_for_its_end()
    {
        using var training = new SimulatedTraining(TinyJob.Of(Steps, validateEvery: 4), workers: 2, onWorkerSend: message =>
            message is ShardsDone { Round.Kind: WorkKind.Evaluate } ? null : message);
        training.Runtime.RunFor(TimeSpan.FromSeconds(5));
        training.Runtime.Send(training.Coordinator, new StopTraining());
        training.RunToEnd().ShouldBe(new RunInterrupted(4, "run", Checkpointed: true));
        training.Events.OfType<ValidationCompleted>().ShouldBeEmpty();
    }

    [Fact]
    public void Divergence_in_the_last_step_is_no_result()
    {
        var job = TinyJob.Of(1, clip: new NoClip(), optimizer: new SgdOptions { Rate = 1e6 });
        using var training = new SimulatedTraining(job, workers: 2);
        var failed = training.RunToEnd().ShouldBeOfType<RunFailed>();
        failed.Reason.ShouldStartWith("validation after step 1: training diverged");
        failed.Checkpoint.ShouldBe("step-0");
    }

    [Fact]
    public void Finite_gradients_whose_sum_overflows_end_the_run_before_they_reach_the_weights()
    {
        using var training = new SimulatedTraining(TinyJob.Of(Steps), workers: 3, onWorkerSend: message =>
        {
            if (message is PushGradient { Step.Value: 6 } push) push.Gradient.Singles!.Span[3] = float.MaxValue;
            return message;
        });
        var failed = training.RunToEnd().ShouldBeOfType<RunFailed>(training.Story);
        failed.Reason.ShouldStartWith("step 6: training diverged: the sum of the gradients");
        failed.Checkpoint.ShouldBe("step-4");
    }

    [Fact]
    public void A_checkpoint_that_failed_is_tried_again_at_the_end()
    {
        using var training = new SimulatedTraining(TinyJob.Of(Steps), workers: 0, failingCheckpoints: 1);
        training.Runtime.RunFor(TimeSpan.FromSeconds(2));
        training.Events.OfType<CheckpointNotWritten>().ShouldHaveSingleItem().Step.ShouldBe(0);
        training.Runtime.Send(training.Coordinator, new StopTraining());
        training.RunToEnd().ShouldBe(new RunInterrupted(0, "run", Checkpointed: true));
    }

    [Fact]
    public void Validation_shows_the_same_loss_for_any_number_of_workers_and_leaves_training_as_it_is()
    {
        var losses = new List<double[]>();
        foreach (var workers in new[] { 1, 2, 5 })
        {
            using var training = new SimulatedTraining(TinyJob.Of(Steps, validateEvery: 4), workers);
            training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story).ValidationLoss.ShouldNotBeNull();
            training.FinalWeights.ShouldBe(Undisturbed.Value);
            var validations = training.Events.OfType<ValidationCompleted>().ToList();
            validations.Select(validation => validation.Step).ShouldBe([4, 8, 12, Steps]);
            losses.Add([.. validations.Select(validation => validation.ValidationLoss)]);
        }

        losses[1].ShouldBe(losses[0]);
        losses[2].ShouldBe(losses[0]);
    }

    [Fact]
    public void Clipping_by_norm_is_reported_before_and_after()
    {
        using var training = new SimulatedTraining(TinyJob.Of(Steps, clip: new ClipByNorm(0.05)), workers: 2);
        training.RunToEnd();
        foreach (var step in training.Events.OfType<StepCompleted>())
        {
            step.GradientNorm.ShouldBeGreaterThan(0.05);
            step.AppliedNorm.ShouldBe(0.05, 1e-5);
        }
    }

    [Fact]
    public void Clipping_by_value_limits_each_element()
    {
        const double Limit = 1e-3;
        using var training = new SimulatedTraining(TinyJob.Of(3, clip: new ClipByValue(Limit)), workers: 2);
        training.RunToEnd();
        var parameters = TinyJob.Model(TinyJob.Of(3)).Parameters.Length;
        training.Events.OfType<StepCompleted>().ShouldAllBe(step => step.AppliedNorm < step.GradientNorm && step.AppliedNorm <= Limit * Math.Sqrt(parameters));
    }

    static string FinalWeightsOf(int workers, ulong seed)
    {
        using var training = new SimulatedTraining(TinyJob.Of(Steps), workers, seed);
        training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);
        training.Checkpoints[^1].Step.ShouldBe(Steps);
        return training.FinalWeights;
    }
}
