using System.Text.Json;
using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>Whole runs on real threads and a real disk.</summary>
public sealed class TrainingRunTests : IDisposable
{
    const int Steps = 12;

    // Long enough that a stop asked for at its begin comes before its end, however the threads are scheduled.
    const int LongSteps = 300;

    readonly TemporaryFolder _folder = new();
    readonly List<TrainingEvent> _events = [];

    public TrainingRunTests() =>
        File.WriteAllText(_folder["text.txt"], string.Concat(Enumerable.Range(0, 700).Select(index => (char)('a' + (index * index / 3 % 9)))));

    string Run => _folder["run"];

    [Fact]
    public async Task A_run_leaves_job_metrics_checkpoints_and_the_weights_whose_hash_it_tells()
    {
        var finished = await Train(Job());
        finished.WeightsSha256.ShouldBe(CheckpointerTests.DataSha256(Path.Combine(Run, "weights.safetensors")));
        (finished.Step, finished.Run).ShouldBe((Steps, Run));
        JobReader.ReadFile(Path.Combine(Run, "job.yaml")).ShouldBe(Job());
        var checkpoints = Directory.GetDirectories(Path.Combine(Run, "checkpoints")).Select(Path.GetFileName).ToList();
        checkpoints.ShouldContain($"step-{Steps:D8}");
        checkpoints.Count.ShouldBeInRange(1, Job().Training.Checkpoint.Keep);
        var kinds = File.ReadLines(Path.Combine(Run, "metrics.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString()).ToList();
        (kinds[0], kinds[^1]).ShouldBe(("started", "finished"));
        kinds.Count(kind => kind == "step").ShouldBe(Steps);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    public async Task The_model_that_is_left_evaluates_to_the_loss_that_was_told(double smoothing)
    {
        var job = Job();
        job = job with { Model = job.Model with { Loss = new CrossEntropyOptions { Smoothing = smoothing } } };
        var finished = await Train(job);
        var data = await JobData.LoadAsync(job, new FetchOptions(), cancellation: TestContext.Current.CancellationToken);
        using var model = TrainedModel.Load(Run);
        var result = Evaluation.Of(model, data);
        result.Loss.ShouldBe(finished.ValidationLoss.ShouldNotBeNull(), 1e-9);
        result.Targets.ShouldBe(_events.OfType<ValidationCompleted>().Last().Tokens);
    }

    [Fact]
    public async Task A_run_whose_result_stands_is_over_also_when_its_coordinator_died_before_it_said_so()
    {
        var finished = await Train(Job());
        var metrics = Path.Combine(Run, "metrics.jsonl");
        File.WriteAllLines(metrics, [.. File.ReadLines(metrics).Where(line => !line.StartsWith("""{"event":"finished",""", StringComparison.Ordinal))]);

        // Nobody is there to compute anything.
        var again = await Train(Job(), resume: true, workers: 0);
        again.ShouldBe(finished with { TokensPerSecond = 0, Seconds = 0 });
    }

    [Fact]
    public async Task Generated_text_depends_on_the_seed_alone()
    {
        await Train(Job());
        using var model = TrainedModel.Load(Run);
        int[] Drawn(ulong seed) => [.. new TextGenerator(model).Generate("abc", new Sampler(1, 0, seed), 60)];
        Drawn(1).ShouldBe(Drawn(1));
        Drawn(2).ShouldNotBe(Drawn(1));
        Drawn(1).ShouldAllBe(token => token >= 0 && token < model.Encoding.Inputs!.Size);
        Should.Throw<UserErrorException>(() => new TextGenerator(model).Generate("Z", new Sampler(1, 0, 1), 1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_run_that_was_stopped_and_resumed_ends_with_the_same_weights(int workersAfter)
    {
        var undisturbed = await Train(Job(LongSteps), run: _folder["undisturbed"]);
        var interrupted = (await End(Job(LongSteps), workers: 2, stopAfter: 4)).ShouldBeOfType<RunInterrupted>();
        interrupted.Checkpointed.ShouldBeTrue();
        interrupted.Step.ShouldBeInRange(4, LongSteps - 1);
        _events.Clear();

        var finished = await Train(Job(LongSteps), resume: true, workers: workersAfter);
        finished.WeightsSha256.ShouldBe(undisturbed.WeightsSha256);
        _events.OfType<StepCompleted>().Select(step => step.Step).ShouldBe(Enumerable.Range((int)interrupted.Step + 1, LongSteps - (int)interrupted.Step).Select(step => (long)step));
        MetricSteps().ShouldBe(Enumerable.Range(1, LongSteps).Select(step => (long)step));
    }

    [Fact]
    public async Task A_damaged_newest_checkpoint_is_refused_by_name_and_the_weights_are_the_same()
    {
        var undisturbed = await Train(Job(LongSteps), run: _folder["undisturbed"]);
        await End(Job(LongSteps), workers: 2, stopAfter: 8);
        var newest = Directory.GetDirectories(Path.Combine(Run, "checkpoints")).Order().Last();
        var file = Path.Combine(newest, "optimizer.safetensors");
        var bytes = File.ReadAllBytes(file);
        bytes[^3] ^= 4;
        File.WriteAllBytes(file, bytes);
        _events.Clear();

        (await Train(Job(LongSteps), resume: true)).WeightsSha256.ShouldBe(undisturbed.WeightsSha256);
        _events.OfType<CheckpointRefused>().ShouldHaveSingleItem().Reason.ShouldContain(Path.GetFileName(newest));
        _events.OfType<RunStarted>().Single().Step.ShouldBeLessThan(long.Parse(Path.GetFileName(newest)["step-".Length..]));
        MetricSteps().ShouldBe(Enumerable.Range(1, LongSteps).Select(step => (long)step));
    }

    [Fact]
    public async Task A_finished_run_that_is_resumed_tells_its_result_again()
    {
        var first = await Train(Job());
        _events.Clear();
        var again = await Train(Job(), resume: true);
        (again.WeightsSha256, again.Step, again.ValidationLoss, again.TrainLoss).ShouldBe((first.WeightsSha256, Steps, first.ValidationLoss, null));
        _events.OfType<StepCompleted>().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_run_that_goes_on_beyond_its_result_offers_its_newest_checkpoint()
    {
        await Train(Job(steps: 6));
        await End(Job(LongSteps), workers: 1, resume: true, stopAfter: 10);
        using var model = TrainedModel.Load(Run, refused => throw new InvalidOperationException(refused));
        model.From.ShouldBe(Directory.GetDirectories(Path.Combine(Run, "checkpoints")).Order().Last());
    }

    [Fact]
    public async Task A_result_with_a_flipped_bit_is_refused_and_its_checkpoint_offered()
    {
        await Train(Job());
        var result = Path.Combine(Run, "weights.safetensors");
        using (var whole = TrainedModel.Load(Run, refused => throw new InvalidOperationException(refused))) whole.From.ShouldBe(result);
        var bytes = File.ReadAllBytes(result);
        bytes[^3] ^= 4;
        File.WriteAllBytes(result, bytes);
        var refused = new List<string>();
        using (var model = TrainedModel.Load(Run, refused.Add)) model.From.ShouldEndWith($"step-{Steps:D8}");
        refused.ShouldHaveSingleItem().ShouldStartWith($"{result} refused: SHA-256 is ");
        Directory.Delete(Path.Combine(Run, "checkpoints"), recursive: true);
        Should.Throw<CorruptFileException>(() => TrainedModel.Load(Run));
    }

    [Fact]
    public async Task A_result_without_log_is_believed_when_the_newest_checkpoint_says_the_same()
    {
        await Train(Job(steps: 6));
        File.Delete(Path.Combine(Run, "metrics.jsonl"));
        using (var model = TrainedModel.Load(Run)) model.From.ShouldEndWith("weights.safetensors");
        await End(Job(LongSteps), workers: 1, resume: true, stopAfter: 10);
        using var newer = TrainedModel.Load(Run);
        newer.From.ShouldContain("step-");
    }

    [Fact]
    public async Task Raised_steps_go_on_from_the_end_and_lowered_ones_are_refused()
    {
        await Train(Job(steps: 6));
        var longer = await Train(Job(), resume: true);
        longer.WeightsSha256.ShouldBe((await Train(Job(), run: _folder["undisturbed"])).WeightsSha256);
        var refused = await Should.ThrowAsync<UserErrorException>(() => Train(Job(steps: 7), resume: true));
        refused.Message.ShouldBe($"{Run}: has done {Steps} steps; to go on with it, training.steps must be at least that, got 7");
        JobReader.ReadFile(Path.Combine(Run, "job.yaml")).Training.Steps.ShouldBe(Steps, "a refused job leaves the run's own");
    }

    [Fact]
    public async Task Checkpoints_that_cannot_be_written_are_reported_and_training_goes_on()
    {
        var checkpoints = Path.Combine(Run, "checkpoints");
        var ended = await End(Job(), workers: 2, beforeSteps: () =>
        {
            Directory.Delete(checkpoints, recursive: true);
            File.WriteAllText(checkpoints, "");
        });
        _events.OfType<CheckpointNotWritten>().ShouldNotBeEmpty();
        _events.OfType<StepCompleted>().Count().ShouldBe(Steps);
        ended.ShouldBeOfType<RunFailed>().Reason.ShouldStartWith("the result could not be written: ");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Changed_data_are_refused(bool isLonger)
    {
        await End(Job(LongSteps), workers: 1, stopAfter: 4);
        var text = File.ReadAllText(_folder["text.txt"]);
        File.WriteAllText(_folder["text.txt"], isLonger ? text + "abcabcabcabc" : string.Concat(text.Reverse()));
        (await Should.ThrowAsync<UserErrorException>(() => Train(Job(LongSteps), resume: true))).Message.ShouldStartWith($"{Run}: the data have changed");
    }

    [Fact]
    public async Task A_run_of_a_version_that_kept_no_hash_of_the_text_goes_on_and_keeps_one()
    {
        var interrupted = (await End(Job(LongSteps), workers: 1, stopAfter: 4)).ShouldBeOfType<RunInterrupted>();
        var store = new CheckpointStore(new DiskRunFiles(), Run);
        var newest = store.Newest().ShouldNotBeNull();
        Directory.Delete(Path.Combine(Run, "checkpoints"), recursive: true);
        store.Save(newest with { Metadata = newest.Metadata.Where(entry => entry.Key != "text").ToDictionary() });
        _events.Clear();

        await Train(Job(LongSteps), resume: true);
        _events.OfType<RunStarted>().Single().Step.ShouldBe(interrupted.Step);
        using var model = TrainedModel.Load(Run);
        model.Metadata.Keys.ShouldContain("text");
    }

    [Fact]
    public async Task A_log_that_cannot_be_opened_is_noticed_and_training_goes_on()
    {
        await End(Job(LongSteps), workers: 1, stopAfter: 4);
        var metrics = Path.Combine(Run, "metrics.jsonl");
        File.Delete(metrics);
        Directory.CreateDirectory(metrics);
        await Train(Job(LongSteps), resume: true);
        _events.OfType<Noticed>().ShouldContain(notice => notice.Message.StartsWith(metrics, StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    Job Job(int steps = Steps)
    {
        var tiny = TinyJob.Of(steps, every: new CheckpointBySteps(2));
        return tiny with { Data = tiny.Data with { Source = _folder["text.txt"] } };
    }

    async Task<RunFinished> Train(Job job, string? run = null, bool resume = false, int workers = 2) =>
        (await End(job, workers, run, resume)).ShouldBeOfType<RunFinished>();

    async Task<TrainingEvent> End(
        Job job, int workers, string? run = null, bool resume = false, long? stopAfter = null, Action? beforeSteps = null)
    {
        TrainingRun? training = null;
        using var started = new ManualResetEventSlim();
        var firstCheckpoint = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var devices = 0;
        var observer = new Observer(happened =>
        {
            _events.Add(happened);
            if (happened is CheckpointWritten) firstCheckpoint.TrySetResult();
            if (happened is not StepCompleted { Step: var step } || step != stopAfter) return;
            started.Wait();
            training!.RequestStop();
        });
        var options = new TrainingRunOptions
        {
            Run = run ?? Run,
            Resume = resume,
            Devices = [.. Enumerable.Repeat<Func<IDevice>>(Device, workers)],
        };
        training = await TrainingRun.StartAsync(job, options, [observer], TestContext.Current.CancellationToken);
        await using (training)
        {
            if (beforeSteps is not null)
            {
                await firstCheckpoint.Task;
                beforeSteps();
            }

            started.Set();
            return await training.WaitAsync();
        }

        // The first is made while the run is set up; the workers' own wait until a test can stop them.
        CpuDevice Device()
        {
            if (Interlocked.Increment(ref devices) > 1) started.Wait();
            return CpuDevice.Create();
        }
    }

    IEnumerable<long> MetricSteps() => File.ReadLines(Path.Combine(Run, "metrics.jsonl"))
        .Select(line => JsonDocument.Parse(line).RootElement)
        .Where(line => line.GetProperty("event").GetString() == "step")
        .Select(line => line.GetProperty("step").GetInt64());

    sealed class Observer(Action<TrainingEvent> on) : ITrainingObserver
    {
        public void On(TrainingEvent happened) => on(happened);
    }
}
