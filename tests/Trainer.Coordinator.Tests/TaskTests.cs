using LstmCluster.Compute.Cpu;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>Every task of rows: the number of workers, lost workers and resuming do not show in the weights, and the loss falls.</summary>
public sealed class TaskTests : IDisposable
{
    const int Steps = 14;

    readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Tasks => ["classifier", "tagger", "speller", "regressor", "seq2seq"];

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Neither_workers_nor_lost_ones_show_in_the_weights(string task)
    {
        using var alone = new SimulatedTraining(Job(task, Steps), workers: 1);
        var first = alone.RunToEnd().ShouldBeOfType<RunFinished>(alone.Story);
        foreach (var workers in new[] { 2, 3 })
        {
            using var together = new SimulatedTraining(Job(task, Steps), workers, seed: (ulong)workers);
            var other = together.RunToEnd().ShouldBeOfType<RunFinished>(together.Story);
            together.FinalWeights.ShouldBe(alone.FinalWeights);
            other.ValidationLoss.ShouldBe(first.ValidationLoss);
        }

        using var killed = new KilledWorkers(Job(task, Steps), workers: 3, times: 1, during: round => round.Step.Value == 3);
        killed.Training.RunToEnd().ShouldBeOfType<RunFinished>(killed.Training.Story);
        killed.Training.FinalWeights.ShouldBe(alone.FinalWeights);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Going_on_from_any_checkpoint_leads_to_the_same_weights(string task)
    {
        using var whole = new SimulatedTraining(Job(task, Steps), workers: 2);
        whole.RunToEnd().ShouldBeOfType<RunFinished>(whole.Story);
        whole.Checkpoints.Count.ShouldBeGreaterThan(3);
        whole.Checkpoints.ShouldContain(checkpoint => checkpoint.Position.Offset > 0, "one within a pass");
        whole.Checkpoints[^1].Position.Epoch.ShouldBeGreaterThan(1);
        foreach (var checkpoint in whole.Checkpoints.ToList())
        {
            using var rest = new SimulatedTraining(Job(task, Steps), workers: 3, from: checkpoint);
            rest.RunToEnd().ShouldBeOfType<RunFinished>(rest.Story);
            rest.FinalWeights.ShouldBe(whole.FinalWeights);
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public async Task The_model_that_is_left_evaluates_to_the_loss_that_was_told_and_has_learned(string task)
    {
        File.WriteAllText(_folder["rows.tsv"], TinyRows.Text(Job(task, 1).Task));
        var job = Job(task, steps: 120);
        job = job with { Data = job.Data with { Source = _folder["rows.tsv"] }, Model = job.Model with { Dropout = 0, InputDropout = 0 } };
        var events = new List<TrainingEvent>();
        await using var training = await TrainingRun.StartAsync(
            job, new TrainingRunOptions { Run = _folder["run"], Devices = [CpuDevice.Create, CpuDevice.Create] }, [new Listener(events.Add)], TestContext.Current.CancellationToken);
        var finished = (await training.WaitAsync()).ShouldBeOfType<RunFinished>();

        var data = await JobData.LoadAsync(job, new FetchOptions(), cancellation: TestContext.Current.CancellationToken);
        using var model = TrainedModel.Load(_folder["run"]);
        var result = Evaluation.Of(model, data);
        result.Loss.ShouldBe(finished.ValidationLoss.ShouldNotBeNull(), 1e-6);
        result.Targets.ShouldBe(events.OfType<ValidationCompleted>().Last().Tokens);
        finished.TrainLoss!.Value.ShouldBeLessThan(0.8 * events.OfType<StepCompleted>().First().TrainLoss);
        (result.Accuracy is not null).ShouldBe(task is "classifier" or "tagger" or "speller");
        var told = events.OfType<ValidationCompleted>().Last();
        if (task != "seq2seq") (told.Accuracy, told.MacroF1).ShouldBe((result.Accuracy, result.Classes?.MacroF1));
        (told.Accuracy is null).ShouldBe(task == "regressor");
        (told.Mae is null).ShouldBe(result.Values is null);
        if (result.Values is { All: var errors }) (told.Mae!.Value, told.Rmse!.Value).ShouldSatisfyAllConditions(
            figures => figures.Item1.ShouldBe(errors.MeanAbsolute, 1e-9), figures => figures.Item2.ShouldBe(errors.RootMeanSquare, 1e-9));
        (result.ExactMatches is not null).ShouldBe(task == "seq2seq");
        if (task is "tagger" or "speller") result.Accuracy!.Value.ShouldBeGreaterThan(0.9);
        (events.OfType<ValidationCompleted>().Last().Perplexity is null).ShouldBe(task == "regressor");
        Should.Throw<UserErrorException>(() => new TextGenerator(model)).Message.ShouldContain("language model");
    }

    [Fact]
    public async Task A_translator_that_has_learned_its_pairs_matches_them()
    {
        // Two rows of one input are on one side, so the held-out ones are seen as trained on here.
        File.WriteAllText(_folder["rows.tsv"], "in\tout\n" + string.Concat(Enumerable.Range(0, 40).Select(row => $"{(char)('a' + (row % 4))}{(char)('a' + (row / 4 % 4))}{row / 16}\t{(char)('x' + (row % 3))}\n")));
        var job = TinyRows.Translator(steps: 300);
        job = job with
        {
            Data = job.Data with { Source = _folder["rows.tsv"], Tokens = TokenKind.Character, Validation = 0.3 },
            Model = job.Model with { Dropout = 0, Decoder = new DecoderOptions { Layers = [new LstmLayerOptions { Units = 12 }], Attention = AttentionKind.General } },
            Training = job.Training with { Optimizer = new AdamOptions { Rate = 0.02 } },
        };
        await using var training = await TrainingRun.StartAsync(
            job, new TrainingRunOptions { Run = _folder["run"], Devices = [CpuDevice.Create] }, [], TestContext.Current.CancellationToken);
        (await training.WaitAsync()).ShouldBeOfType<RunFinished>();
        var data = (SampleData)await JobData.LoadAsync(job, new FetchOptions(), cancellation: TestContext.Current.CancellationToken);
        using var model = TrainedModel.Load(_folder["run"]);

        Evaluation.Of(model, data with { Validation = data.Training }).ExactMatches!.Value.ShouldBeGreaterThan(0.95);
    }

    [Fact]
    public void Rows_longer_than_a_segment_compute_the_same_bits_when_steps_are_computed_again()
    {
        string Weights(int recompute, int workers)
        {
            var job = TinyRows.Translator(steps: 3);
            job = job with
            {
                Data = job.Data with { Validation = 0 },
                Training = job.Training with { Length = 200, Recompute = recompute, Validate = new ValidateOptions() },
            };
            var rows = string.Concat(Enumerable.Range(0, 16).Select(row => $"{string.Join(' ', Enumerable.Range(0, 60 + (row * 7)).Select(t => (t * t) % (row + 2)))}\tab\n"));
            using var training = new SimulatedTraining(job, workers, data: SampleData.Read(new StringReader("in\tout\n" + rows), job, "rows.tsv"));
            training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);
            return training.FinalWeights;
        }

        Weights(recompute: 64, workers: 2).ShouldBe(Weights(recompute: 0, workers: 1));
    }

    public void Dispose() => _folder.Dispose();

    static Job Job(string task, int steps) => task switch
    {
        "classifier" => TinyRows.Classifier(steps),
        "tagger" => TinyRows.Tagger(steps),
        "speller" => TinyRows.Speller(steps),
        "regressor" => TinyRows.Regressor(steps),
        _ => TinyRows.Translator(steps),
    };
}
