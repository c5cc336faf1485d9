using System.Globalization;
using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>Models of tables are used on new rows, with nothing but the run directory.</summary>
public sealed class TablePredictorTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_forecast_is_what_the_model_tells_of_the_window_that_the_history_ends_before()
    {
        var (data, lines) = await TrainAsync("forecaster");
        using var model = SequenceModel.Load(_folder["run"]);
        var window = data.Test![data.Test.Count - 1];
        var (fit, task) = (data.Encoding.Table!.Targets.Single(), (ForecasterTask)model.Job.Task);
        var told = ((ValuePrediction)model.Predict([window])[0]).Values.Skip(task.Context).Select(numbers => fit.Decode(numbers[0] + (double)window.Bases[^1])).ToList();

        var rows = ((ForecastPrediction)model.Predict(string.Join('\n', lines.SkipLast(task.Horizon)))).Rows;

        window.FirstRow.ShouldBe(lines.Length - 1 - task.Rows, "the last window of the file");
        rows.Select(row => row.Values["y"]).ShouldBe(told);
        rows.Select(row => (row.Series, row.Ahead)).ShouldBe([("", 1), ("", 2), ("", 3)]);
        rows.Select(row => row.Dates["day"]).ShouldBe(lines.TakeLast(task.Horizon).Select(line => line.Split(',')[1]), "days go on as they did");

        // Days that are to come may also be told, and be others.
        var last = DateTime.ParseExact(rows[^1].Dates["day"], "yyyy-MM-dd", CultureInfo.InvariantCulture);
        var others = model.Forecast(new StringReader(string.Join('\n', lines.SkipLast(task.Horizon)) + string.Concat(Enumerable.Range(2, 3).Select(day => $"\n,{last.AddDays(day):yyyy-MM-dd},,,")))).Rows;
        others[0].Dates["day"].ShouldBe($"{last.AddDays(2):yyyy-MM-dd}");
        others[0].Values["y"].ShouldNotBe(told[0]);
    }

    [Fact]
    public async Task A_reading_has_one_score_however_many_are_read_at_once_and_the_threshold_is_that_of_the_rows_trained_on()
    {
        var (data, lines) = await TrainAsync("anomaly", job => job with { Task = (AnomalyTask)job.Task with { Quantile = 0.9 } });
        using var model = SequenceModel.Load(_folder["run"]);
        var file = string.Join('\n', lines);

        var readings = ((AnomalyPrediction)model.Predict(file)).Readings;

        readings.Select(reading => reading.Line).ShouldBe(Enumerable.Range(2, lines.Length - 1));
        var alone = model.Watch(new StringReader(file)).ToList();
        alone.Select(reading => (reading.Line, reading.Series, reading.Score, reading.Threshold, reading.IsAnomaly)).ShouldBe(readings.Select(reading => (reading.Line, reading.Series, reading.Score, reading.Threshold, reading.IsAnomaly)));
        foreach (var series in data.Windows!.Table.Series)
        {
            var own = readings.Where(reading => reading.Series == series.Name).ToList();
            own.Count.ShouldBe(series.Count);
            own.Take(6).ShouldAllBe(reading => reading.Score == null && reading.IsAnomaly == null);

            double[] trained = [.. own.Take(TextCut.ByOrder(series.Count, 0.2, 0).Training).Select(reading => reading.Score).OfType<double>().Order()];
            var threshold = trained[(int)Math.Ceiling(0.9 * trained.Length) - 1];
            own.ShouldAllBe(reading => reading.Threshold == threshold);
            own.ShouldContain(reading => reading.IsAnomaly == true);
            own.ShouldContain(reading => reading.IsAnomaly == false);
        }

        // What comes is told in its own units, and a series that was not trained on is judged by all.
        readings.Where(reading => reading.Score != null).ShouldAllBe(reading => reading.Expected["y"] > 5 && reading.Expected["y"] < 20);
        model.Watch(new StringReader(file.Replace("north,", "west,", StringComparison.Ordinal))).Where(reading => reading.Series == "west").ShouldAllBe(reading => reading.Threshold == model.Thresholds!.All);
    }

    [Fact]
    public async Task A_reading_that_is_malformed_or_too_large_ends_the_watch_or_is_left_out_as_the_job_says()
    {
        var (_, lines) = await TrainAsync("anomaly", job => job with { Data = job.Data with { OnBadRow = MalformedRows.Skip } });
        using var model = Predictor.Load(_folder["run"]);
        var y = Array.IndexOf(lines[0].Split(','), "y");
        string[] changed = [.. lines];
        changed[12] = Changed(lines[12], "3e38");
        changed[14] = Changed(lines[14], "many");
        var left = new List<string>();

        foreach (var batch in (int[])[1, 5])
        {
            left.Clear();
            var readings = model.Watch(new StringReader(string.Join('\n', changed)), "new.csv", batch, left.Add).ToList();
            var without = model.Watch(new StringReader(string.Join('\n', lines.Where((_, line) => line is not (12 or 14))))).ToList();

            readings.Select(reading => reading.Line).ShouldBe(Enumerable.Range(2, lines.Length - 1).Except([13, 15]));
            readings.Select(reading => reading.Score).ShouldBe(without.Select(reading => reading.Score));
            left.Count.ShouldBe(2);
            left[0].ShouldStartWith("new.csv:13: column \"y\" holds \"3e38\", expected a number from ");
            left[1].ShouldStartWith("new.csv:15: column \"y\" holds \"many\"");
        }

        // Whoever does not hear of it is told by an error.
        Should.Throw<UserErrorException>(() => model.Watch(new StringReader(string.Join('\n', changed)), "new.csv").Count()).Message.ShouldStartWith("new.csv:13: ");

        string Changed(string line, string number) => string.Join(',', line.Split(',').Select((cell, column) => column == y ? number : cell));
    }

    [Theory]
    [InlineData(1.0, 2.0, false)]
    [InlineData(2.0, 2.0, false)]
    [InlineData(2.1, 2.0, true)]
    [InlineData(double.PositiveInfinity, 2.0, true)]
    [InlineData(double.NaN, 2.0, true)]
    [InlineData(1.0, null, null)]
    [InlineData(null, 2.0, null)]
    public void A_score_that_is_not_within_the_threshold_is_out_of_the_ordinary(double? score, double? threshold, bool? expected) =>
        new AnomalyReading(1, "", score, threshold, new Dictionary<string, double>()).IsAnomaly.ShouldBe(expected);

    [Fact]
    public async Task Thresholds_are_those_of_the_weights_and_quantile_that_they_were_fitted_with_and_made_again_when_they_are_gone()
    {
        var (_, lines) = await TrainAsync("anomaly");
        var (file, job) = (Path.Combine(_folder["run"], RunDirectory.ThresholdsFile), JobReader.ReadFile(Path.Combine(_folder["run"], RunDirectory.JobFile)));
        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        foreach (var damage in new[] { "{", text.Replace("0.999", "0.5", StringComparison.Ordinal), text.Replace("weights\": \"", "weights\": \"0", StringComparison.Ordinal) })
        {
            await File.WriteAllTextAsync(file, damage, TestContext.Current.CancellationToken);
            using var model = Predictor.Load(_folder["run"]);
            model.Thresholds.ShouldBeNull();
            model.Watch(new StringReader(string.Join('\n', lines))).ShouldAllBe(reading => reading.IsAnomaly == null);
        }

        await using (var training = await TrainingRun.StartAsync(job, new TrainingRunOptions { Run = _folder["run"], Resume = true, Devices = [CpuDevice.Create] }, [], TestContext.Current.CancellationToken))
            (await training.WaitAsync()).ShouldBeOfType<RunFinished>();
        (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).ShouldBe(text);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Fitting_thresholds_can_be_interrupted_and_is_done_by_a_resumed_run(int workers)
    {
        await TrainAsync("anomaly");
        var (file, job) = (Path.Combine(_folder["run"], RunDirectory.ThresholdsFile), JobReader.ReadFile(Path.Combine(_folder["run"], RunDirectory.JobFile)));
        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        File.Delete(file);

        var told = new List<string>();
        TrainingRun? training = null;
        var (interrupted, events) = await ResumeAsync(1, message =>
        {
            told.Add(message);
            if (message.StartsWith("fitting", StringComparison.Ordinal)) training!.RequestStop();
        });
        interrupted.ShouldBe(new RunInterrupted(job.Training.Steps, _folder["run"], Checkpointed: true));
        events.OfType<RunFinished>().ShouldBeEmpty("nobody takes it for done");
        events[^1].ShouldBe(interrupted);
        told[^1].ShouldBe("the result stands; what is fitted to it is not: train --resume does it");
        File.Exists(file).ShouldBeFalse();

        told.Clear();
        var (finished, heard) = await ResumeAsync(workers, told.Add);
        finished.ShouldBeOfType<RunFinished>();
        told.ShouldHaveSingleItem().ShouldStartWith("fitting");
        heard.OfType<RunFinished>().ShouldHaveSingleItem().ShouldBe(finished);
        heard[^1].ShouldBe(finished, "the end is the last that is heard");
        (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).ShouldBe(text);

        async Task<(TrainingEvent End, List<TrainingEvent> Events)> ResumeAsync(int workers, Action<string> progress)
        {
            var events = new List<TrainingEvent>();
            training = await TrainingRun.StartAsync(
                job, new TrainingRunOptions { Run = _folder["run"], Resume = true, Devices = [.. Enumerable.Repeat<Func<IDevice>>(CpuDevice.Create, workers)], Progress = progress },
                [new Listener(events.Add)], TestContext.Current.CancellationToken);
            await using (training) return (await training.WaitAsync(), events);
        }
    }

    [Fact]
    public async Task What_does_not_fit_the_model_is_named()
    {
        var (_, lines) = await TrainAsync("forecaster");
        using var model = Predictor.Load(_folder["run"]);
        string Refusal(params string[] changed) => Should.Throw<UserErrorException>(() => model.Forecast(new StringReader(string.Join('\n', changed)), "new.csv")).Message;

        Refusal([lines[0].Replace("weather", "sky", StringComparison.Ordinal), lines[1]]).ShouldBe("new.csv:1: no column is named \"weather\" (data.columns), there are \"place\", \"day\", \"y\", \"sky\", \"bad\"");
        Refusal([.. lines[..5], "north,2001-02-07,12,hail,0"]).ShouldBe("new.csv:6: column \"weather\" holds \"hail\", which is none of the 2 that were trained on: \"rain\", \"sun\"");
        Refusal([.. lines[..5], "north,2001-02-07,many,rain,0"]).ShouldStartWith("new.csv:6: column \"y\" holds \"many\"");
        Refusal([.. lines[..5], "north,7.2.2001,12,rain,0"]).ShouldStartWith("new.csv:6: column \"day\" holds \"7.2.2001\", expected a date");
        Refusal(lines[..5]).ShouldBe("new.csv: there are 4 rows with \"y\", expected at least the 7 that are read before the first one that is told (the task's context)");
        Refusal(lines[0]).ShouldStartWith("new.csv: has no row");
        Refusal([.. lines[..9], .. Enumerable.Repeat("north,2001-03-01,,,", 4)]).ShouldStartWith("new.csv:13: there are 4 rows without \"y\" at the end, expected at most the 3");
        Refusal([.. lines[..9], "north,2001-03-01,,,", lines[11]]).ShouldStartWith("new.csv:10: column \"weather\" holds \"\"", customMessage: "a gap is no future");
        Refusal([.. lines[..9], lines[8]]).ShouldStartWith("new.csv: column \"day\" does not go on from one row to the next");
        Should.Throw<InvalidOperationException>(() => model.Watch(new StringReader("")));
        Should.Throw<InvalidOperationException>(() => model.Inputs);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Trains, and takes the data away.</summary>
    async Task<(SampleData Data, string[] Lines)> TrainAsync(string task, Func<Job, Job>? change = null)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var job = (change ?? (same => same))(SmallTask.Write(task, _folder));
        await using (var training = await TrainingRun.StartAsync(job, new TrainingRunOptions { Run = _folder["run"], Devices = [CpuDevice.Create] }, [], cancellation))
            (await training.WaitAsync()).ShouldBeOfType<RunFinished>();
        var data = (SampleData)await JobData.LoadAsync(job, new FetchOptions(), cancellation: cancellation);
        var lines = await File.ReadAllLinesAsync(job.Data.Source, cancellation);
        return (data, lines);
    }
}
