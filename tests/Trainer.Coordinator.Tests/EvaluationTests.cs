using System.Globalization;
using LstmCluster.Compute.Cpu;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>What a trained model is judged by, where it can be told by hand.</summary>
public sealed class EvaluationTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Classes_are_counted_for_each_row_and_tags_for_each_step()
    {
        var classified = await EvaluateAsync(TinyRows.Classifier(steps: 3), TinyRows.Text(new ClassifierTask()));
        var matrix = classified.Classes.ShouldNotBeNull();
        matrix.Count.ShouldBe(classified.Targets);
        classified.Accuracy.ShouldBe(matrix.Accuracy);
        matrix.Cells.Sum(cell => cell.Count).ShouldBe(matrix.Count);
        (classified.Sequences, classified.Values).ShouldBe((null, null));

        var tagged = await EvaluateAsync(TinyRows.Tagger(steps: 3), TinyRows.Text(new TaggerTask()));
        tagged.Classes!.Count.ShouldBe(tagged.Targets);
        tagged.Targets.ShouldBeGreaterThan(classified.Targets);
    }

    [Theory]
    [InlineData(TokenKind.Character, 1)]
    [InlineData(TokenKind.Byte, 5 / 3.0)]
    [InlineData(TokenKind.Subword, 2 / 3.0)]
    public async Task The_characters_of_a_text_are_counted_whatever_its_tokens_are(TokenKind tokens, double tokensPerCharacter)
    {
        // Two characters of two bytes each, which byte pairs make one token of, and the end of the line.
        var tiny = TinyJob.Of(steps: 1);
        var job = tiny with { Data = tiny.Data with { Tokens = tokens, Vocabulary = tokens == TokenKind.Subword ? 259 : null } };
        var result = await EvaluateAsync(job, string.Concat(Enumerable.Repeat("éü\n", 4000)), part: DataPart.Training);

        ((double)result.Targets / result.Characters.ShouldNotBeNull()).ShouldBe(tokensPerCharacter, 0.01);
    }

    [Fact]
    public async Task The_characters_of_words_are_not_told_since_unknown_words_have_none()
    {
        var tiny = TinyJob.Of(steps: 1);
        (await EvaluateAsync(tiny with { Data = tiny.Data with { Tokens = TokenKind.Word } }, string.Concat(Enumerable.Repeat("the sea ", 2000)))).Characters.ShouldBeNull();
    }

    [Fact]
    public async Task The_root_mean_square_of_a_regressor_is_the_root_of_its_squared_loss()
    {
        var job = TinyRows.Regressor(steps: 3);
        var result = await EvaluateAsync(job with { Model = job.Model with { Loss = new SquaredErrorOptions() } }, TinyRows.Text(job.Task));

        var values = result.Values.ShouldNotBeNull();
        values.All.Count.ShouldBe(result.Targets);
        values.All.RootMeanSquare.ShouldBe(Math.Sqrt(result.Loss), 1e-5);
        values.Columns.Select(column => column.Name).ShouldBe(["1", "2"]);
        values.Columns.Sum(column => column.Errors.Count).ShouldBe(values.All.Count);
        values.Columns.ShouldAllBe(column => column.SeasonalNaive == null && column.Scaled == null && column.Area == null);
    }

    [Fact]
    public async Task Sequences_of_a_regressor_are_right_when_each_of_their_steps_is()
    {
        // With weights that have hardly moved every answer is near zero, and so right where the target is.
        var job = TinyRows.Regressor(steps: 1);
        job = job with
        {
            Task = new RegressorTask { Answers = RegressorAnswers.Step, Tolerance = 5 },
            Data = job.Data with { Features = 1 },
            Model = job.Model with { Pooling = null, Loss = new SquaredErrorOptions() },
        };
        var rows = "in\tout\n" + string.Concat(Enumerable.Range(0, 90).Select(row => $"1 {row} 2\t0 {(row % 3 == 0 ? 10 : 1)} 0\n"));
        var result = await EvaluateAsync(job, rows, part: DataPart.Training);
        var within = result.Values!.Within.ShouldNotBeNull();

        (within.Numbers, within.Sequences).ShouldBe((result.Targets, result.Targets / 3));
        (within.Numbers - within.RightNumbers).ShouldBe(within.Sequences - within.RightSequences, "one number of a wrong sequence is wrong");
        within.RightSequences.ShouldBeInRange(within.Sequences / 2, within.Sequences * 4 / 5);
        within.Largest.ShouldBe(10, 2);
        (await EvaluateAsync(job with { Task = new RegressorTask { Answers = RegressorAnswers.Step } }, rows)).Values!.Within.ShouldBeNull();
    }

    [Fact]
    public async Task Probabilities_of_what_is_so_or_not_have_an_area_under_the_curve()
    {
        var job = TinyRows.Regressor(steps: 60);
        job = job with { Task = new RegressorTask(), Model = job.Model with { Loss = new BinaryCrossEntropyOptions(), Dropout = 0 } };
        var rows = "in\tout\n" + string.Concat(Enumerable.Range(0, 90).Select(row => string.Create(CultureInfo.InvariantCulture, $"{row % 9} {row * 0.01}\t{(row % 9 > 4 ? 1 : 0)}\n")));
        var column = (await EvaluateAsync(job, rows)).Values!.Columns.ShouldHaveSingleItem();

        column.Area.ShouldNotBeNull().ShouldBeGreaterThan(0.8);
        column.Errors.MeanAbsolute.ShouldBeInRange(0, 1, "probabilities, not logits, are compared");
    }

    [Fact]
    public async Task Inputs_that_are_there_twice_count_once_and_any_of_their_targets_is_right()
    {
        var job = TinyRows.Translator(steps: 300);
        job = job with
        {
            Data = job.Data with { Tokens = TokenKind.Character, Validation = 0 },
            Model = job.Model with { Dropout = 0, Decoder = new DecoderOptions { Layers = [new LstmLayerOptions { Units = 12 }], Attention = AttentionKind.General } },
            Training = job.Training with { Optimizer = new AdamOptions { Rate = 0.02 }, Validate = new ValidateOptions() },
        };
        var rows = "in\tout\n" + string.Concat(Enumerable.Range(0, 24).Select(row => $"{(char)('a' + (row % 12))}\t{(row < 12 ? "xy" : "zyx")}\n"));
        var errors = (await EvaluateAsync(job, rows, part: DataPart.Training)).Sequences.ShouldNotBeNull();

        errors.Sequences.ShouldBe(12);
        errors.SequenceError.ShouldBeLessThan(0.2, "each target alone is wrong half of the time");
    }

    [Fact]
    public async Task Forecasts_are_compared_in_the_units_of_the_data_with_those_that_repeat_a_season()
    {
        // 10, 20, 10, 20: one ahead the last number is off by 10, two ahead with two back it is right.
        var result = await EvaluateAsync(Windows(new ForecasterTask { Context = 4, Horizon = 2 }, "y"), "y\n" + Lines(200, row => row % 2 == 0 ? "10" : "20"));
        var column = result.Values!.Columns.ShouldHaveSingleItem();
        column.Name.ShouldBe("y");
        column.Errors.Count.ShouldBe(result.Targets);
        column.SeasonalNaive!.MeanAbsolute.ShouldBe(5, 1e-4);
        column.Scaled!.Value.ShouldBe(column.Errors.MeanAbsolute / 10, 1e-6);
        result.Anomalies.ShouldBeNull();

        var seasonal = await EvaluateAsync(Windows(new ForecasterTask { Context = 4, Horizon = 2 }, "y"), "y\n" + Lines(200, row => row % 2 == 0 ? "10" : "20"), season: 2);
        seasonal.Values!.Columns[0].SeasonalNaive!.MeanAbsolute.ShouldBe(0);
        seasonal.Values.Columns[0].Scaled.ShouldBeNull();
        seasonal.Values.Columns[0].Errors.MeanAbsolute.ShouldBe(column.Errors.MeanAbsolute);

        var byJob = await EvaluateAsync(Windows(new ForecasterTask { Context = 4, Horizon = 2, Season = 2 }, "y"), "y\n" + Lines(200, row => row % 2 == 0 ? "10" : "20"));
        byJob.Values!.Columns[0].SeasonalNaive!.MeanAbsolute.ShouldBe(0);
    }

    [Fact]
    public async Task The_model_and_the_repeated_season_are_compared_by_the_same_numbers()
    {
        // Of every third row what a season of one row repeats is missing; just there the model is far off.
        var job = Windows(new ForecasterTask { Context = 4, Horizon = 1 }, "y");
        job = job with { Data = job.Data with { Columns = [new NumericColumnOptions { Name = "y", Role = ColumnRole.Target, Missing = MissingNumbers.Previous }] } };
        var column = (await EvaluateAsync(job, "y\n" + Lines(200, row => (row % 3) switch { 0 => "NA", 1 => $"{1000 + row}", _ => $"{row % 5}" }))).Values!.Columns.ShouldHaveSingleItem();

        var (naive, beside) = (column.SeasonalNaive.ShouldNotBeNull(), column.BesideSeasonalNaive.ShouldNotBeNull());
        beside.Count.ShouldBe(naive.Count);
        column.Errors.Count.ShouldBeGreaterThan(naive.Count);
        Math.Abs(column.Errors.MeanAbsolute - beside.MeanAbsolute).ShouldBeGreaterThan(50, "or the rows would not show");
        column.SeasonalNaiveShare.ShouldBe(beside.MeanAbsolute / naive.MeanAbsolute);
    }

    [Fact]
    public async Task A_season_longer_than_what_is_read_is_refused() =>
        (await Should.ThrowAsync<UserErrorException>(() => EvaluateAsync(Windows(new ForecasterTask { Context = 4, Horizon = 2 }, "y"), "y\n" + Lines(200, row => $"{row % 5}"), season: 5)))
            .Message.ShouldContain("a season of 5 rows");

    [Fact]
    public async Task Labelled_rows_are_ranked_by_the_error_and_by_the_difference_from_the_row_before()
    {
        // Every 25th row stands out, and with it the difference of the row after it: half of what ties with it.
        var job = Windows(new AnomalyTask { Context = 4, Horizon = 1, Label = "bad" }, "y") with { Name = "spikes" };
        job = job with { Data = job.Data with { Series = "s" } };
        var rows = "s,y,bad\n" + Lines(200, row => row % 25 == 24 ? "one,9,1" : $"one,{(row % 2 == 0 ? "1" : "1.5")},0");
        var ranking = (await EvaluateAsync(job, rows)).Anomalies.ShouldHaveSingleItem();

        ranking.Series.ShouldBe("one");
        ranking.Labelled.ShouldBe(2);
        var others = ranking.Rows - ranking.Labelled;
        ranking.Area!.Value.ShouldBeGreaterThan(0.9);
        ranking.DifferenceArea!.Value.ShouldBeInRange(1 - (2.0 / others), 1 - (0.5 / others));

        // One in a thousand of fewer rows is the largest error, which is that of a row that stands out.
        ranking.Threshold.ShouldBeGreaterThan(2);
        ranking.FalseAlarms.ShouldBe(0);
        ranking.Found.ShouldBeInRange(0, 1);
    }

    [Theory]
    [InlineData("language-model")]
    [InlineData("classifier")]
    [InlineData("regressor")]
    [InlineData("seq2seq")]
    public async Task The_number_of_threads_shows_in_no_figure(string task)
    {
        var job = task switch
        {
            "language-model" => TinyJob.Of(steps: 4),
            "classifier" => TinyRows.Classifier(steps: 4),
            "regressor" => TinyRows.Regressor(steps: 4),
            _ => TinyRows.Translator(steps: 4),
        };
        var text = task == "language-model" ? string.Concat(Enumerable.Range(0, 600).Select(index => (char)('a' + (index * index / 3 % 9)))) : TinyRows.Text(job.Task);
        var alone = Figures(await EvaluateAsync(job, text));
        foreach (var workers in new[] { 2, 3, 40 }) Figures(await EvaluateAsync(job, text, workers: workers)).ShouldBe(alone);

        static string Figures(Evaluation result) => string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Loss:R} {result.Targets} {result.Accuracy:R} {string.Join(' ', result.Classes?.Cells ?? [])} {result.Sequences?.Edits} {result.Sequences?.Wrong} {result.Sequences?.ReferenceTokens} {string.Join(' ', result.Values?.Columns.Select(column => column.Errors.SquaredSum.ToString("R", CultureInfo.InvariantCulture)) ?? [])}");
    }

    public void Dispose() => _folder.Dispose();

    static Job Windows(WindowTask task, string column)
    {
        var tiny = TinyJob.Of(steps: 6);
        return tiny with
        {
            Task = task,
            Data = new DataOptions
            {
                Source = "rows",
                Format = DataFormat.Csv,
                Columns = [new NumericColumnOptions { Name = column, Role = ColumnRole.Target }],
                Split = SplitKind.Order,
                Tokens = TokenKind.Numbers,
                Validation = 0.25,
            },
            Model = new ModelOptions { Layers = [new LstmLayerOptions { Units = 3 }], Loss = new SquaredErrorOptions() },
            Training = tiny.Training with { Batch = 16, Length = 10 },
        };
    }

    static string Lines(int count, Func<int, string> line) => string.Concat(Enumerable.Range(0, count).Select(row => line(row) + "\n"));

    async Task<Evaluation> EvaluateAsync(Job job, string rows, int? season = null, DataPart part = DataPart.Validation, int workers = 1)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var (file, run) = (_folder[$"{Guid.NewGuid():N}.txt"], _folder[$"{Guid.NewGuid():N}"]);
        await File.WriteAllTextAsync(file, rows, cancellation);
        job = job with { Data = job.Data with { Source = file } };
        await using (var training = await TrainingRun.StartAsync(job, new TrainingRunOptions { Run = run, Devices = [CpuDevice.Create] }, [], cancellation))
            (await training.WaitAsync()).ShouldBeOfType<RunFinished>();
        using var model = TrainedModel.Load(run);
        var data = await JobData.LoadAsync(model.Job, new FetchOptions(), cancellation: cancellation);
        return Evaluation.Of(model, data.Evaluating(part), season, workers);
    }
}
