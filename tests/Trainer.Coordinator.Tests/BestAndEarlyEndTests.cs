using LstmCluster.Compute.Cpu;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>Keeping the weights of the best validation, and ending when none is better any more: decided by validations alone, whoever computes and whatever is lost.</summary>
public sealed class BestAndEarlyEndTests : IDisposable
{
    const int Steps = 80, Patience = 3;

    readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(ValidationMetric.Loss)]
    [InlineData(ValidationMetric.Accuracy)]
    [InlineData(ValidationMetric.F1)]
    public void Neither_workers_nor_lost_ones_show_in_the_step_of_the_end_and_in_the_best(ValidationMetric metric)
    {
        using var alone = new SimulatedTraining(Job(metric), workers: 1);
        var wanted = Finish(alone);
        wanted.StoppedEarly.ShouldBe(true, alone.Story);
        wanted.Step.ShouldBeLessThan(Steps);
        wanted.Best.ShouldNotBeNull().Step.ShouldBe(wanted.Step - (2 * Patience));
        foreach (var workers in new[] { 2, 3 })
        {
            using var together = new SimulatedTraining(Job(metric), workers, seed: (ulong)workers);
            Finish(together).ShouldBe(wanted);
        }

        using var killed = new KilledWorkers(Job(metric), workers: 3, times: 2, during: round => round.Kind == WorkKind.Evaluate);
        Finish(killed.Training).ShouldBe(wanted);
    }

    [Fact]
    public void The_best_is_what_the_validations_say_and_its_weights_are_those_of_its_step()
    {
        using var training = new SimulatedTraining(Job(ValidationMetric.Accuracy), workers: 2);
        var finished = Finish(training);

        var validations = training.Events.OfType<ValidationCompleted>().ToList();
        var best = validations.MaxBy(validation => validation.Accuracy).ShouldNotBeNull();
        finished.Best.ShouldBe(new BestValidation(best.Step, "accuracy", best.Accuracy!.Value));
        finished.ValidationLoss.ShouldBe(best.ValidationLoss, "that of the weights which are left");
        validations.Last(validation => validation.IsBest == true).Step.ShouldBe(best.Step);
        validations.Count(validation => validation.Step > best.Step).ShouldBe(Patience);

        // A run that keeps nothing and has no more steps.
        foreach (var (step, weights) in new[] { (best.Step, finished.WeightsSha256), (finished.Step, training.FinalWeights) })
        {
            using var plain = new SimulatedTraining(Job(ValidationMetric.Accuracy, keepBest: false, patience: 0, steps: (int)step), workers: 2);
            Finish(plain).Best.ShouldBeNull();
            plain.FinalWeights.ShouldBe(weights);
        }

        foreach (var step in validations.Where(validation => validation.IsBest == true).Select(validation => validation.Step))
            training.Checkpoints.ShouldContain(checkpoint => checkpoint.Step == step && checkpoint.Best == new Step(step));
    }

    [Theory]
    [InlineData(ValidationMetric.Loss)]
    [InlineData(ValidationMetric.Accuracy)]
    public void Going_on_from_any_checkpoint_ends_at_the_same_step_with_the_same_best(ValidationMetric metric)
    {
        using var whole = new SimulatedTraining(Job(metric, every: 1), workers: 2);
        var wanted = Finish(whole);
        whole.Checkpoints.Count.ShouldBeGreaterThan(4);
        whole.Checkpoints.ShouldContain(checkpoint => checkpoint.Validations != null && checkpoint.Validations.SinceBest > 0);
        foreach (var checkpoint in whole.Checkpoints.ToList())
        {
            using var rest = new SimulatedTraining(Job(metric, every: 1), workers: 3, from: checkpoint);

            // The best weights of before are in their checkpoint, which only the disk has.
            if (checkpoint.Best is { } best && best.Value != checkpoint.Step) rest.Checkpoints.Insert(0, whole.Checkpoints.Last(other => other.Step == best.Value));
            var finished = Finish(rest);
            (finished.Step, finished.Best, finished.StoppedEarly, finished.WeightsSha256).ShouldBe((wanted.Step, wanted.Best, wanted.StoppedEarly, wanted.WeightsSha256));
        }
    }

    [Fact]
    public void A_validation_that_a_stop_has_dropped_is_made_when_the_run_goes_on()
    {
        using var whole = new SimulatedTraining(Job(ValidationMetric.Accuracy), workers: 2);
        var wanted = Finish(whole);
        var stopped = 0;
        SimulatedTraining? interrupted = null;
        interrupted = new SimulatedTraining(Job(ValidationMetric.Accuracy), workers: 2, onWorkerSend: message =>
        {
            if (message is ShardsDone { Round: { Kind: WorkKind.Evaluate, Step: var step } } && step.Value == wanted.Best!.Step && stopped++ == 0)
                interrupted!.Runtime.Send(interrupted.Coordinator, new StopTraining());
            return message;
        });
        using (interrupted)
        {
            interrupted.RunToEnd().ShouldBeOfType<RunInterrupted>(interrupted.Story).Step.ShouldBe(wanted.Best!.Step);
            interrupted.Events.OfType<ValidationCompleted>().ShouldAllBe(validation => validation.Step < wanted.Best.Step);
            using var rest = new SimulatedTraining(Job(ValidationMetric.Accuracy), workers: 1, from: interrupted.Checkpoints[^1]);
            var finished = Finish(rest);
            (finished.Step, finished.Best, finished.WeightsSha256).ShouldBe((wanted.Step, wanted.Best, wanted.WeightsSha256));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_end_that_only_a_resumed_run_has_found_out_is_known_without_anybody_who_computes(bool early)
    {
        // Nobody learns which numbers are even; which words are high is learned more with each step, so that the last weights are the best.
        var job = early ? Job(ValidationMetric.Accuracy) : TinyRows.Tagger(8) with { Training = Job(ValidationMetric.Loss, patience: 0, steps: 8).Training };
        var wanted = FinishOnDisk("undisturbed", job, seed: 1, []);
        (wanted.StoppedEarly, wanted.Best!.Step == wanted.Step).ShouldBe(early ? (true, false) : (null, true));

        // Stopped before the validation of what turns out to be the last step.
        Directory.CreateDirectory(_folder["run"]);
        using (var stopped = new GenerationRun(_folder["run"], job, seed: 1) { StopsUpon = happened => happened is StepCompleted step && step.Step == wanted.Step - 1 })
        {
            stopped.RunToEnd().ShouldBe(new RunInterrupted(wanted.Step, _folder["run"], Checkpointed: true));
            stopped.Events.OfType<ValidationCompleted>().Select(validation => validation.Step).ShouldBe(Enumerable.Range(1, ((int)wanted.Step / 2) - 1).Select(count => 2L * count));
        }

        using (var resumed = new GenerationRun(_folder["run"], job, seed: 2))
            Told(resumed.RunToEnd().ShouldBeOfType<RunFinished>(resumed.Story)).ShouldBe(Told(wanted));

        using var again = new GenerationRun(_folder["run"], job, seed: 3);
        using var generations = again.Generations();
        generations.Verify();
        Told(generations.FindEnd().ShouldNotBeNull("nobody would be there to validate")).ShouldBe(Told(wanted));
        Directory.GetFileSystemEntries(_folder["run/checkpoints"]).Select(Path.GetFileName).ShouldAllBe(name => name!.StartsWith("step-"), "nothing unfinished is left");

        static (long, BestValidation?, bool?, double?, string) Told(RunFinished end) => (end.Step, end.Best, end.StoppedEarly, end.ValidationLoss, end.WeightsSha256);
    }

    [Fact]
    public void Weights_that_are_to_be_kept_from_now_on_put_off_no_early_end()
    {
        var wanted = FinishOnDisk("undisturbed", Job(ValidationMetric.Accuracy), seed: 1, []);
        var best = wanted.Best!;

        // Of the best validation's weights nothing is left when somebody begins to want them.
        var job = Job(ValidationMetric.Accuracy, keepBest: false, every: 1);
        job = job with { Training = job.Training with { Checkpoint = job.Training.Checkpoint with { Keep = 1 } } };
        Directory.CreateDirectory(_folder["run"]);
        using (var plain = new GenerationRun(_folder["run"], job, seed: 1) { StopsUpon = happened => happened is ValidationCompleted validation && validation.Step == best.Step + 2 })
            plain.RunToEnd().ShouldBeOfType<RunInterrupted>(plain.Story).Step.ShouldBeInRange(best.Step + 2, wanted.Step - 2);

        using var keeping = new GenerationRun(_folder["run"], job with { Training = job.Training with { KeepBest = true } }, seed: 2);
        var finished = keeping.RunToEnd().ShouldBeOfType<RunFinished>(keeping.Story);
        (finished.Step, finished.StoppedEarly).ShouldBe((wanted.Step, true));
        var since = keeping.Events.OfType<ValidationCompleted>().ToList();
        since.ShouldAllBe(validation => validation.Accuracy <= best.Value);
        var kept = since.MaxBy(validation => validation.Accuracy).ShouldNotBeNull();
        finished.Best.ShouldBe(new BestValidation(kept.Step, "accuracy", kept.Accuracy!.Value), "the best one of those whose weights are there");

        using var again = new GenerationRun(_folder["run"], job with { Training = job.Training with { KeepBest = true } }, seed: 3);
        using var generations = again.Generations();
        generations.FindEnd().ShouldNotBeNull().Best.ShouldBe(finished.Best);
    }

    [Fact]
    public void More_patience_goes_on_where_less_has_ended()
    {
        using var brief = new SimulatedTraining(Job(ValidationMetric.Accuracy), workers: 2);
        var ended = Finish(brief);
        using var again = new SimulatedTraining(Job(ValidationMetric.Accuracy), workers: 2, from: brief.Checkpoints[^1]);
        again.Checkpoints.Insert(0, brief.Checkpoints.Last(checkpoint => checkpoint.Step == ended.Best!.Step));
        var told = Finish(again);
        (told.Step, told.Best, told.StoppedEarly).ShouldBe((ended.Step, ended.Best, true));
        again.Events.OfType<StepCompleted>().ShouldBeEmpty();

        using var patient = new SimulatedTraining(Job(ValidationMetric.Accuracy, patience: Patience + 1), workers: 2, from: brief.Checkpoints[^1]);
        patient.Checkpoints.Insert(0, brief.Checkpoints.Last(checkpoint => checkpoint.Step == ended.Best!.Step));
        Finish(patient).Step.ShouldBeGreaterThan(ended.Step);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_coordinator_that_is_killed_again_and_again_ends_at_the_same_step_with_the_same_best(bool averaged)
    {
        var job = Job(ValidationMetric.Accuracy);
        if (averaged) job = job with { Training = job.Training with { Average = new AverageByDecay(0.8) } };
        var wanted = FinishOnDisk("undisturbed", job, seed: 1, []);
        wanted.StoppedEarly.ShouldBe(true);
        for (var seed = 1UL; seed <= 6; seed++)
        {
            var random = new Random((int)seed);
            var finished = FinishOnDisk($"run-{seed}", job, seed, [.. Enumerable.Range(0, 1 + random.Next(5)).Select(_ => random.Next(1, 2500))]);
            (finished.Step, finished.Best, finished.ValidationLoss, finished.WeightsSha256).ShouldBe((wanted.Step, wanted.Best, wanted.ValidationLoss, wanted.WeightsSha256));
        }
    }

    [Fact]
    public async Task The_best_weights_survive_retention_and_are_what_is_used_unless_the_last_are_asked_for()
    {
        var job = Job(ValidationMetric.Accuracy, patience: 0);
        job = job with { Training = job.Training with { Checkpoint = job.Training.Checkpoint with { Keep = 1 } } };
        var finished = (await TrainAsync(job)).ShouldBeOfType<RunFinished>();
        var best = finished.Best.ShouldNotBeNull();
        best.Step.ShouldBeLessThan(Steps - 20, "others have been written since");
        Directory.GetDirectories(_folder["run/checkpoints"]).Select(Path.GetFileName).Order().ShouldBe([$"step-{best.Step:D8}", $"step-{Steps:D8}"]);

        var (kept, from) = await EvaluateAsync(null);
        from.ShouldEndWith("weights.safetensors");
        (kept.Accuracy, kept.Loss).ShouldBe((best.Value, finished.ValidationLoss!.Value));
        (await EvaluateAsync(WeightsChoice.Best)).Result.Accuracy.ShouldBe(best.Value);
        var last = await EvaluateAsync(WeightsChoice.Last);
        last.From.ShouldEndWith($"step-{Steps:D8}");
        last.Result.Loss.ShouldBe(_events.OfType<ValidationCompleted>().Last().ValidationLoss, 1e-9);

        // As it is while a run goes on: there is no result yet.
        File.Delete(_folder["run/weights.safetensors"]);
        (await EvaluateAsync(null)).From.ShouldEndWith($"step-{best.Step:D8}");
    }

    [Fact]
    public async Task Best_weights_that_are_damaged_are_told_and_sought_anew()
    {
        var finished = (await TrainAsync(Job(ValidationMetric.Accuracy, patience: 0))).ShouldBeOfType<RunFinished>();
        var weights = _folder[$"run/checkpoints/step-{finished.Best!.Step:D8}/weights.safetensors"];
        var bytes = File.ReadAllBytes(weights);
        bytes[^3] ^= 4;
        File.WriteAllBytes(weights, bytes);
        _events.Clear();

        var longer = Job(ValidationMetric.Accuracy, patience: 0, steps: Steps + 10);
        var again = (await TrainAsync(longer, resume: true)).ShouldBeOfType<RunFinished>();
        _events.OfType<Noticed>().ShouldContain(notice => notice.Message == $"the best weights so far, those after step {finished.Best.Step}, are not there any more: the best is sought anew");
        again.Best.ShouldNotBeNull().Step.ShouldBeGreaterThanOrEqualTo(Steps);
    }

    [Fact]
    public async Task Best_weights_that_are_not_kept_are_refused()
    {
        (await TrainAsync(Job(ValidationMetric.Accuracy, keepBest: false, patience: 1))).ShouldBeOfType<RunFinished>().Best.ShouldBeNull();
        Should.Throw<UserErrorException>(() => TrainedModel.Load(_folder["run"], choice: WeightsChoice.Best))
            .Message.ShouldBe($"{_folder["run"]}: keeps no best weights: its job has training.keepBest: false");
    }

    [Fact]
    public async Task A_class_that_the_data_do_not_have_is_refused_before_there_is_a_run_directory()
    {
        var job = Job(ValidationMetric.F1);
        job = job with { Training = job.Training with { Validate = job.Training.Validate with { Class = "prime" } } };
        (await Should.ThrowAsync<UserErrorException>(() => TrainAsync(job))).Message.ShouldEndWith("got \"prime\": there are even, odd");
        Directory.Exists(_folder["run"]).ShouldBeFalse();
    }

    public void Dispose() => _folder.Dispose();

    readonly List<TrainingEvent> _events = [];

    static Job Job(ValidationMetric metric, int every = 5, bool keepBest = true, int patience = Patience, int steps = Steps)
    {
        var job = TinyRows.Classifier(steps);
        return job with
        {
            Training = job.Training with
            {
                Optimizer = new AdamOptions { Rate = 0.03 },
                Validate = new ValidateOptions { Every = 2, Metric = metric, Class = metric == ValidationMetric.F1 ? "odd" : null },
                KeepBest = keepBest,
                StopEarly = new StopEarlyOptions { Patience = patience },
                Checkpoint = new CheckpointOptions { Every = new CheckpointBySteps(every) },
            },
        };
    }

    static RunFinished Finish(SimulatedTraining training) =>
        training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story) with { Seconds = 0, TokensPerSecond = 0 };

    RunFinished FinishOnDisk(string name, Job job, ulong seed, IReadOnlyList<int> turns)
    {
        Directory.CreateDirectory(_folder[name]);
        using var run = new GenerationRun(_folder[name], job, seed);
        foreach (var turn in turns) run.KillCoordinatorAfter(turn);
        return run.RunToEnd().ShouldBeOfType<RunFinished>(run.Story);
    }

    async Task<TrainingEvent> TrainAsync(Job job, bool resume = false)
    {
        File.WriteAllText(_folder["rows.tsv"], TinyRows.Text(job.Task));
        await using var training = await TrainingRun.StartAsync(
            job with { Data = job.Data with { Source = _folder["rows.tsv"] } },
            new TrainingRunOptions { Run = _folder["run"], Resume = resume, Devices = [CpuDevice.Create, CpuDevice.Create] }, [new Listener(_events.Add)], TestContext.Current.CancellationToken);
        return await training.WaitAsync();
    }

    async Task<(Evaluation Result, string From)> EvaluateAsync(WeightsChoice? choice)
    {
        using var model = TrainedModel.Load(_folder["run"], refused => throw new InvalidOperationException(refused), choice: choice);
        var data = await JobData.LoadAsync(model.Job, new FetchOptions(), cancellation: TestContext.Current.CancellationToken);
        return (Evaluation.Of(model, data), model.From);
    }
}
