using LstmCluster.Compute.Cpu;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>What validations tell during training: figures of the task, with the same bits whoever computes them.</summary>
public sealed class ValidationFiguresTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Tasks => ["classifier", "tagger", "regressor", "seq2seq"];

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Neither_the_number_of_workers_nor_a_lost_one_shows_in_the_figures(string task)
    {
        var wanted = Told(task, workers: 1);
        wanted.Count.ShouldBe(4, "three on the way, one at the end");
        wanted.ShouldAllBe(line => line.Contains(task == "regressor" ? "\"mae\":" : "\"accuracy\":"));
        foreach (var workers in new[] { 2, 3, 5 }) Told(task, workers).ShouldBe(wanted);

        using var killed = new KilledWorkers(Job(task), workers: 3, times: 1, during: round => round.Kind == WorkKind.Evaluate);
        Told(killed.Training).ShouldBe(wanted);
    }

    [Fact]
    public void A_worker_that_tells_other_figures_than_the_task_has_is_lost_and_the_others_go_on()
    {
        var wanted = Told("tagger", workers: 1);
        ShardsDone? spoiled = null;
        using var training = new SimulatedTraining(Job("tagger"), workers: 3, onWorkerSend: message =>
        {
            if (spoiled is not null || message is not ShardsDone { Round.Kind: WorkKind.Evaluate } done) return message;
            return spoiled = done with { Results = [.. done.Results.Select(result => result with { Sums = [99, 99, 99] })] };
        });
        Told(training).ShouldBe(wanted);
        var went = training.Events.OfType<WorkerWent>().ShouldHaveSingleItem();
        went.Worker.ShouldBe(spoiled.ShouldNotBeNull().Worker.Name);
        went.Reason.ShouldNotBeNull().ShouldContain("not in the form of the task");
    }

    [Fact]
    public void Classes_have_names_and_the_mean_of_their_F1_is_told()
    {
        using var training = new SimulatedTraining(Job("classifier"), workers: 2);
        training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);
        var last = training.Events.OfType<ValidationCompleted>().Last();
        var f1 = last.F1.ShouldNotBeNull();
        f1.Keys.ShouldBeSubsetOf(["even", "odd"]);
        last.MacroF1.ShouldBe(f1.Values.Average());
        last.Accuracy.ShouldNotBeNull().ShouldBeInRange(0, 1);
        (last.Mae, last.Rmse).ShouldBe((null, null));
    }

    [Fact]
    public async Task Forecasts_are_judged_in_the_units_of_the_table_as_eval_does()
    {
        var cancellation = TestContext.Current.CancellationToken;
        File.WriteAllText(_folder["rows.csv"], "y,z\n" + string.Concat(Enumerable.Range(0, 240).Select(row => $"{1000 + (50 * (row % 7))},{row % 3}\n")));
        var tiny = TinyJob.Of(steps: 8, validateEvery: 4);
        var job = tiny with
        {
            Task = new ForecasterTask { Context = 6, Horizon = 3, RelativeTo = WindowBase.Last },
            Data = new DataOptions
            {
                Source = _folder["rows.csv"],
                Format = DataFormat.Csv,
                Columns = [new NumericColumnOptions { Name = "y", Role = ColumnRole.Target }, new NumericColumnOptions { Name = "z", Role = ColumnRole.Target }],
                Split = SplitKind.Order,
                Tokens = TokenKind.Numbers,
                Validation = 0.25,
            },
            Model = new ModelOptions { Layers = [new LstmLayerOptions { Units = 3 }], Loss = new SquaredErrorOptions() },
            Training = tiny.Training with { Batch = 16, Length = 10 },
        };
        var events = new List<TrainingEvent>();
        await using (var training = await TrainingRun.StartAsync(
            job, new TrainingRunOptions { Run = _folder["run"], Devices = [CpuDevice.Create, CpuDevice.Create] }, [new Listener(events.Add)], cancellation))
            (await training.WaitAsync()).ShouldBeOfType<RunFinished>();

        using var model = TrainedModel.Load(_folder["run"]);
        var values = Evaluation.Of(model, await JobData.LoadAsync(model.Job, new FetchOptions(), cancellation: cancellation)).Values.ShouldNotBeNull();
        var told = events.OfType<ValidationCompleted>().Last();
        told.Mae.ShouldNotBeNull().ShouldBe(values.All.MeanAbsolute, 1e-9 * values.All.MeanAbsolute);
        told.Rmse.ShouldNotBeNull().ShouldBe(values.All.RootMeanSquare, 1e-9 * values.All.RootMeanSquare);
        told.Mae.Value.ShouldBeGreaterThan(5, "the numbers of y differ by hundreds");
        told.Accuracy.ShouldBeNull();
    }

    [Fact]
    public void A_validation_is_read_back_as_it_was_told()
    {
        var told = new ValidationCompleted(4, 0.5, 0.7, 1.6, 90, 2) { Accuracy = 0.9, MacroF1 = 0.8, F1 = new Dictionary<string, double> { ["Not spam"] = 0.75 } };
        var json = told.ToJson();
        json.ShouldEndWith(""","accuracy":0.9,"macro_f1":0.8,"f1":{"Not spam":0.75}}""");
        TrainingEvent.Parse(json).ShouldNotBeNull().ToJson().ShouldBe(json);
    }

    public void Dispose() => _folder.Dispose();

    static List<string> Told(string task, int workers)
    {
        using var training = new SimulatedTraining(Job(task), workers, seed: (ulong)workers);
        return Told(training);
    }

    static List<string> Told(SimulatedTraining training)
    {
        training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);
        return [.. training.Events.OfType<ValidationCompleted>().Select(validation => (validation with { Seconds = 0 }).ToJson())];
    }

    static Job Job(string task) => task switch
    {
        "classifier" => TinyRows.Classifier(14),
        "tagger" => TinyRows.Tagger(14),
        "regressor" => TinyRows.Regressor(14),
        _ => TinyRows.Translator(14),
    };
}
