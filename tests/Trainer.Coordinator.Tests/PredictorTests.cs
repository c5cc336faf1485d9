using System.Globalization;
using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>A run directory, and nothing else, is used on new inputs.</summary>
public sealed class PredictorTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Classes_are_those_that_the_evaluation_counts()
    {
        var (job, rows) = (TinyRows.Classifier(steps: 40), TinyRows.Text(new ClassifierTask()));
        var evaluation = await TrainAsync(job, rows);
        using var model = SequenceModel.Load(_folder["run"]);
        var cells = Cells(rows);

        var predictions = model.Predict([.. cells.Select(row => row[0])]).Cast<ClassPrediction>().ToList();

        predictions.Zip(cells).Count(pair => pair.First.Class == pair.Second[1]).ShouldBe((int)evaluation.Classes!.Right);
        predictions.ShouldAllBe(one => one.Probability == one.Probabilities.Values.Max() && one.Probability == one.Probabilities[one.Class]);
        predictions.ShouldAllBe(one => Math.Abs(one.Probabilities.Values.Sum() - 1) < 1e-12);
        predictions[0].Probabilities.Keys.ShouldBe(["even", "odd"]);

        // Training smooths the targets, an evaluation does not.
        ((CrossEntropyOptions)job.Model.Loss!).Smoothing.ShouldBeGreaterThan(0);
        predictions.Zip(cells).Average(pair => -Math.Log(pair.First.Probabilities[pair.Second[1]])).ShouldBe(evaluation.Loss, 1e-5);

        // Alone an input gets the same answer, to the last bit, as among longer ones.
        for (var row = 0; row < 10; row++) ((ClassPrediction)model.Predict(cells[row][0])).Probability.ShouldBe(predictions[row].Probability);
    }

    [Fact]
    public async Task A_long_input_among_short_ones_changes_nothing_that_is_said_of_them()
    {
        await TrainAsync(TinyRows.Classifier(steps: 2), TinyRows.Text(new ClassifierTask()));
        using var model = Predictor.Load(_folder["run"]);
        string[] inputs = ["1 2 3", "4", string.Join(' ', Enumerable.Range(0, PaddedBatches.MostSteps / 2).Select(number => number % 7)), "5 5", "6"];

        var together = model.Predict(inputs).Cast<ClassPrediction>().ToList();

        together.Select(one => one.Probability).ShouldBe(inputs.Select(input => ((ClassPrediction)model.Predict(input)).Probability));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tag_is_told_for_each_step(bool readsCharacters)
    {
        var (job, rows) = (readsCharacters ? TinyRows.Speller(steps: 40) : TinyRows.Tagger(steps: 40), TinyRows.Text(new TaggerTask()));
        var evaluation = await TrainAsync(job, rows);
        using var model = Predictor.Load(_folder["run"]);
        var cells = Cells(rows);

        var predictions = model.Predict([.. cells.Select(row => row[0])]).Cast<TagPrediction>().ToList();

        predictions.Zip(cells).Sum(pair => pair.First.Tags.Zip(pair.Second[1].Split(' ')).Count(tags => tags.First == tags.Second)).ShouldBe((int)evaluation.Classes!.Right);
        predictions.Sum(one => one.Tags.Count).ShouldBe((int)evaluation.Targets);

        // What is said of a row does not depend on how long the words beside it are.
        var (alone, among) = ((TagPrediction)model.Predict("5 never"), (TagPrediction)model.Predict(["5 never", "a-much-longer-word-than-any-other-one 1 2 3"])[0]);
        among.Tags.ShouldBe(alone.Tags);
    }

    [Fact]
    public async Task Where_words_are_tagged_and_characters_read_a_tag_is_told_for_each_word()
    {
        var job = TinyRows.Tagger(steps: 40);
        job = job with { Data = new DataOptions { Source = "", Format = DataFormat.Tagged, Tokens = TokenKind.Character, Split = SplitKind.Hash, Longer = LongerRows.Fail }, Training = job.Training with { Length = 40 } };
        string[] words = ["sea", "ahab", "🐳", "of", "a"];
        string[][] sentences = [.. Enumerable.Range(0, 60).Select(row => Enumerable.Range(0, 1 + (row % 4)).Select(at => words[(row + (at * at)) % words.Length]).ToArray())];
        static string Tag(string word) => word.Length > 2 ? "LONG" : "SHORT";
        var evaluation = await TrainAsync(job, string.Concat(sentences.Select(sentence => string.Join(' ', sentence.Select(word => $"{word}/{Tag(word)}")) + "\n")));
        using var model = SequenceModel.Load(_folder["run"]);

        var predictions = model.Predict([.. sentences.Select(sentence => string.Join(' ', sentence))]).Cast<TagPrediction>().ToList();

        predictions.Zip(sentences).ShouldAllBe(pair => pair.First.Tags.Count == pair.Second.Length);
        predictions.Sum(one => one.Tags.Count).ShouldBe((int)evaluation.Targets);
        predictions.Zip(sentences).Sum(pair => pair.First.Tags.Zip(pair.Second).Count(tag => tag.First == Tag(tag.Second))).ShouldBe((int)evaluation.Classes!.Right);

        // White space is what it was in training, however it is typed.
        ((TagPrediction)model.Predict(" \tahab \u00a0 🐳\t of ")).Tags.ShouldBe(((TagPrediction)model.Predict("ahab 🐳 of")).Tags);
    }

    [Fact]
    public async Task Numbers_are_those_that_the_evaluation_measures()
    {
        var (job, rows) = (TinyRows.Regressor(steps: 10), TinyRows.Text(new RegressorTask()));
        var evaluation = await TrainAsync(job, rows);
        using var model = Predictor.Load(_folder["run"]);
        var errors = new RegressionErrors();
        foreach (var row in Cells(rows))
        {
            var told = ((ValuePrediction)model.Predict(row[0])).Values.ShouldHaveSingleItem();
            foreach (var (expected, number) in row[1].Split(' ').Zip(told)) errors.Add(float.Parse(expected, CultureInfo.InvariantCulture), number);
        }

        errors.Count.ShouldBe(evaluation.Targets);
        errors.MeanAbsolute.ShouldBe(evaluation.Values!.All.MeanAbsolute, 1e-9);
    }

    [Fact]
    public async Task Sequences_are_those_that_the_evaluation_compares_and_the_best_stand_first()
    {
        var job = TinyRows.Translator(steps: 120);
        job = job with { Model = job.Model with { Dropout = 0 }, Training = job.Training with { Optimizer = new AdamOptions { Rate = 0.02 } } };
        var rows = TinyRows.Text(job.Task);
        var evaluation = await TrainAsync(job, rows);
        using var model = Predictor.Load(_folder["run"], new PredictionOptions { Beams = 5, Best = 3 });
        var byInput = Cells(rows).ToLookup(row => row[0], row => row[1]);

        var right = 0;
        foreach (var input in byInput)
        {
            var found = ((SequencePrediction)model.Predict(input.Key)).Found;
            found.Count.ShouldBe(3);
            found.Select(one => one.LogProbability).ShouldBeInOrder(SortDirection.Descending);
            if (input.Contains(found[0].Output)) right++;
        }

        ((double)right / byInput.Count).ShouldBe(evaluation.ExactMatches!.Value, 1e-12);
    }

    [Fact]
    public async Task An_input_that_does_not_fit_is_named()
    {
        await TrainAsync(TinyRows.Regressor(steps: 1), TinyRows.Text(new RegressorTask()));
        using var model = Predictor.Load(_folder["run"]);

        Should.Throw<UserErrorException>(() => model.Predict(["1 2", "1 2 3"])).Message.ShouldStartWith("input:2: ");
        model.Predict((IReadOnlyList<string>)[]).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_text_is_as_likely_as_the_evaluation_says_however_long_it_is()
    {
        var text = string.Concat(Enumerable.Range(0, 600).Select(index => (char)('a' + (index * index % 9))));
        await File.WriteAllTextAsync(_folder["text.txt"], text, TestContext.Current.CancellationToken);
        var job = TinyJob.Of(steps: 30);
        var evaluation = await TrainAsync(job with { Training = job.Training with { Batch = 1, Shards = 1 } }, rows: null);
        using var model = Predictor.Load(_folder["run"]);

        var told = (TextPrediction)model.Predict(text);
        (told.Tokens, evaluation.Targets).ShouldBe((599, 599));
        told.LogProbability.ShouldBe(-evaluation.Loss * 599, 1e-3);
        told.Perplexity!.Value.ShouldBe(Math.Exp(evaluation.Loss), 1e-5);
        told.BitsPerToken!.Value.ShouldBe(evaluation.Loss / Math.Log(2), 1e-5);

        // One token has nothing before it, and no token is nothing at all.
        model.Predict(["a", ""]).ShouldAllBe(one => ((TextPrediction)one).Tokens == 0 && ((TextPrediction)one).Perplexity == null);

        // What cannot be has no probability, whatever stands beside it.
        var beside = model.Predict(["abe", "aZ🐳", "abe"]).Cast<TextPrediction>().ToList();
        (beside[1].Tokens, beside[1].LogProbability, beside[1].Perplexity).ShouldBe((2, double.NegativeInfinity, double.PositiveInfinity));
        beside[1].Flaw.ShouldNotBeNull().ShouldStartWith("input:2: the character \"Z\"");
        beside[0].ShouldBe((TextPrediction)model.Predict("abe"));
        beside[2].ShouldBe(beside[0]);
        beside[0].Flaw.ShouldBeNull();
        Should.Throw<UserErrorException>(() => Predictor.Load(_folder["nowhere"])).Message.ShouldContain("no run directory");
    }

    public void Dispose() => _folder.Dispose();

    static List<string[]> Cells(string rows) => [.. rows.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(row => row.TrimEnd('\r').Split('\t'))];

    /// <summary>Trains, evaluates on all rows, and takes the data away.</summary>
    async Task<Evaluation> TrainAsync(Job job, string? rows)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var file = _folder[rows is null ? "text.txt" : "rows.tsv"];
        if (rows is not null) await File.WriteAllTextAsync(file, rows, cancellation);
        job = job with { Data = job.Data with { Source = file, Validation = 0 }, Training = job.Training with { Validate = new ValidateOptions() } };
        await using (var training = await TrainingRun.StartAsync(job, new TrainingRunOptions { Run = _folder["run"], Devices = [CpuDevice.Create] }, [], cancellation))
            (await training.WaitAsync()).ShouldBeOfType<RunFinished>();
        using var model = TrainedModel.Load(_folder["run"]);
        var data = await JobData.LoadAsync(model.Job, new FetchOptions(), cancellation: cancellation);
        File.Delete(file);
        return Evaluation.Of(model, data.Evaluating(DataPart.Training));
    }
}
