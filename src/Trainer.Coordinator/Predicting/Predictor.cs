using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Uses a trained model. A run directory is all that is needed: it has the job, the weights, and what tokens, classes and columns mean.</summary>
/// <remarks>What is said of an input does not depend on what is asked beside it. It is used by one thread at a time.</remarks>
public sealed class Predictor : IDisposable
{
    const int WatchedAtOnce = 64;

    readonly TrainedModel _trained;
    readonly ModelRun _run;
    readonly ModelWeights _weights;
    readonly InputBatch _batch;
    readonly Answers _answers;
    readonly InputEncoder? _inputs;

    Predictor(TrainedModel trained, PredictionOptions options, AnomalyThresholds? thresholds)
    {
        (_trained, Thresholds) = (trained, thresholds);
        _answers = Answers.Of(trained, options);
        _run = trained.CreateRun(out _weights);
        _batch = new InputBatch(trained.Job.Data.Features ?? trained.Encoding.Table?.Features ?? 0);
        _inputs = trained.Job.Task.HasWindows ? null : new InputEncoder(trained.Job, trained.Encoding);
    }

    /// <summary>The job that trained the model.</summary>
    public Job Job => _trained.Job;

    /// <summary>Above which score a reading is out of the ordinary; null for other tasks, and while training has not ended.</summary>
    public AnomalyThresholds? Thresholds { get; }

    /// <summary>From texts to what the model reads.</summary>
    /// <exception cref="InvalidOperationException">The model reads tables: <see cref="Forecast"/> and <see cref="Watch"/> do.</exception>
    public InputEncoder Inputs => _inputs ?? throw new InvalidOperationException("the model reads the columns of a table, not texts: Forecast and Watch do");

    /// <summary>Loads the result of a run, or the newest good checkpoint while there is none.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="options">How sequences are searched; null for a beam of five.</param>
    /// <param name="refused">Hears of each damaged checkpoint that was passed over.</param>
    /// <param name="device">Opens the device that it is to run on; null for a thread of the processor.</param>
    /// <param name="choice">Which weights; null for what the job says.</param>
    /// <exception cref="UserErrorException">It is no run directory, or holds no weights that can be used.</exception>
    /// <exception cref="CorruptFileException">Its result is damaged, and there is no checkpoint.</exception>
    public static Predictor Load(
        string run, PredictionOptions? options = null, Action<string>? refused = null, Func<IDevice>? device = null, WeightsChoice? choice = null)
    {
        var trained = TrainedModel.Load(run, refused, device, choice);
        try
        {
            return new Predictor(trained, options ?? new PredictionOptions(), trained.Job.Task is AnomalyTask ? AnomalyThresholds.Read(run, trained) : null);
        }
        catch
        {
            trained.Dispose();
            throw;
        }
    }

    /// <summary>Says something of an input.</summary>
    /// <param name="input">A text as in the job's input column; for a model of tables a table, as in the job's file, with the names of its columns in the first line.</param>
    /// <exception cref="UserErrorException">It is empty, or does not hold what the model reads.</exception>
    public Prediction Predict(string input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var reader = new StringReader(input);
        return Job.Task switch
        {
            ForecasterTask => Forecast(reader),
            AnomalyTask => new AnomalyPrediction([.. Watch(reader, batch: WatchedAtOnce)]),
            _ => Predict([Inputs.Encode(input)])[0],
        };
    }

    /// <summary>Says something of each input.</summary>
    /// <param name="inputs">Each as in <see cref="Predict(string)"/>.</param>
    /// <exception cref="UserErrorException">One is empty, or does not hold what the model reads; names which.</exception>
    public IReadOnlyList<Prediction> Predict(IReadOnlyList<string> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return Job.Task.HasWindows ? [.. inputs.Select(Predict)] : Predict([.. inputs.Select((text, index) => Inputs.Encode(text, line: index + 1))]);
    }

    /// <summary>Says something of each input.</summary>
    /// <param name="inputs">Inputs as <see cref="Inputs"/> reads them; of a model of tables windows, of which the numbers of each row are told in the units of the model.</param>
    public IReadOnlyList<Prediction> Predict(IReadOnlyList<Sample> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return [.. PaddedBatches.Of(inputs).SelectMany(batch => _answers.To(batch, _batch, _run, _weights))];
    }

    /// <summary>Tells the rows behind the ends of series, with a model of forecasts.</summary>
    /// <param name="history">A table as in training. Rows at the end without targets say what is known of the future.</param>
    /// <param name="fileName">What errors call it.</param>
    /// <exception cref="UserErrorException">A column is missing, a cell or a category is none that the model knows, or there are too few rows; names line and column.</exception>
    /// <exception cref="InvalidOperationException">The model is of another task.</exception>
    public ForecastPrediction Forecast(TextReader history, string fileName = "input")
    {
        if (Job.Task is not ForecasterTask task) throw new InvalidOperationException("the model tells no forecasts");
        var inputs = new ForecastInputs(Job, _trained.Encoding.Table!, fileName);
        foreach (var row in TableInputs.Read(history, fileName, Job, _trained.Encoding.Table!)) inputs.Take(row);
        ColumnFit[] targets = [.. _trained.Encoding.Table!.Targets];
        var rows = new List<ForecastRow>();
        foreach (var input in inputs.Complete())
        {
            var told = (ValuePrediction)Predict([input.Window])[0];
            for (var ahead = 1; ahead <= task.Horizon; ahead++)
            {
                var (numbers, values) = (told.Values[task.Context + ahead - 1], new OrderedDictionary<string, double>());
                var bases = input.Window.Bases.AsSpan((task.Context + ahead - 1) * targets.Length, targets.Length);
                foreach (var (output, column) in targets.Index()) values.Add(column.Name, column.Decode(numbers[output] + bases[output]));
                rows.Add(new ForecastRow(input.Series, ahead, input.Dates[ahead - 1], values));
            }
        }

        return new ForecastPrediction(rows);
    }

    /// <summary>Tells of readings how far out of the ordinary they are, each as soon as it has been read, with a model of anomalies.</summary>
    /// <param name="readings">A table as in training.</param>
    /// <param name="fileName">What errors call it.</param>
    /// <param name="batch">So many are read before they are told of: more at once are faster.</param>
    /// <param name="leftOut">Where the job has <c>onBadRow: skip</c>: hears of each malformed row that is left out. Without it such a row is an error.</param>
    /// <exception cref="UserErrorException">A column is missing, or a cell or a category is none that the model knows; names line and column. What stands before is told.</exception>
    /// <exception cref="InvalidOperationException">The model is of another task.</exception>
    public IEnumerable<AnomalyReading> Watch(TextReader readings, string fileName = "input", int batch = 1, Action<string>? leftOut = null)
    {
        if (Job.Task is not AnomalyTask) throw new InvalidOperationException("the model watches no readings");
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        if (Job.Data.OnBadRow != MalformedRows.Skip) leftOut = null;
        return new AnomalyWatch(Job, _trained.Encoding.Table!, Thresholds, Predict).Of(TableInputs.Read(readings, fileName, Job, _trained.Encoding.Table!, leftOut), batch, leftOut);
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        (_answers as IDisposable)?.Dispose();
        _run.Dispose();
        _trained.Dispose();
    }
}
