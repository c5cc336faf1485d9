using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Cli.Verbs;

/// <summary>How predictions are written.</summary>
enum PredictionFormat
{
    /// <summary>A JSON object a line.</summary>
    Json,

    /// <summary>A line with the names of the columns, then a line each.</summary>
    Csv,
}

/// <summary>Writes predictions, a line each.</summary>
sealed class PredictionWriter : IDisposable
{
    readonly PredictionFormat _format;
    readonly StreamWriter _output;
    readonly CsvWriter _csv;
    readonly bool _answersSteps;
    readonly TableColumns _table;

    /// <summary>Begins to write.</summary>
    /// <param name="output">Where to; closed at the end.</param>
    /// <param name="format">How.</param>
    /// <param name="job">What the predictions are of.</param>
    public PredictionWriter(Stream output, PredictionFormat format, Job job)
    {
        (_format, _answersSteps, _table) = (format, job.Task is RegressorTask { Answers: RegressorAnswers.Step }, new TableColumns(job.Data));
        _output = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
        _csv = new CsvWriter(_output, new CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\n" });
        if (format != PredictionFormat.Csv) return;
        WriteRow(HeaderOf(job.Task));
        Flush();
    }

    /// <summary>Writes a prediction.</summary>
    public void Write(Prediction prediction)
    {
        if (_format == PredictionFormat.Csv) WriteRow(CellsOf(prediction));
        else _output.Write(Json.Text(ObjectOf(prediction)) + "\n");
    }

    /// <summary>Hands on what is written.</summary>
    public void Flush()
    {
        _csv.Flush();
        _output.Flush();
    }

    /// <summary>Closes the output.</summary>
    public void Dispose()
    {
        _csv.Dispose();
        _output.Dispose();
    }

    object ObjectOf(Prediction prediction) => prediction switch
    {
        ClassPrediction one => new { one.Class, one.Probability, one.Probabilities },
        TagPrediction tags => new { tags.Tags },
        ValuePrediction values when _answersSteps => new { Steps = values.Values },
        ValuePrediction values => new { Values = values.Values[0] },
        SequencePrediction { Found: [var found] } => new { found.Output, found.LogProbability },
        SequencePrediction several => new { several.Output, several.Found[0].LogProbability, several.Found },
        TextPrediction text => new { text.Tokens, LogProbability = Finite(text.LogProbability), Perplexity = Finite(text.Perplexity), BitsPerToken = Finite(text.BitsPerToken) },
        ForecastRow row => _table.ObjectOf(row),
        AnomalyReading reading => _table.ObjectOf(reading),
        _ => throw new NotSupportedException($"no JSON of {prediction}"),
    };

    IEnumerable<string> HeaderOf(TaskOptions task) => task switch
    {
        LanguageModelTask => ["tokens", "log_probability", "perplexity", "bits_per_token"],
        ForecasterTask => _table.ForecastHeader,
        AnomalyTask => _table.AnomalyHeader,
        ClassifierTask => ["class", "probability"],
        TaggerTask => ["tags"],
        SequenceToSequenceTask => ["output", "log_probability"],
        RegressorTask { Answers: RegressorAnswers.Sequence, Outputs: > 1 and var outputs } => Enumerable.Range(1, outputs).Select(output => $"value_{output}"),
        RegressorTask { Answers: RegressorAnswers.Sequence } => ["value"],
        RegressorTask => ["values"],
        _ => throw new NotSupportedException($"no columns of {task}"),
    };

    IEnumerable<string> CellsOf(Prediction prediction) => prediction switch
    {
        ClassPrediction one => [one.Class, Number(one.Probability)],
        TagPrediction tags => [string.Join(' ', tags.Tags)],
        SequencePrediction several => [several.Output, Number(several.Found[0].LogProbability)],
        ValuePrediction values when _answersSteps => [string.Join(' ', values.Values.SelectMany(numbers => numbers).Select(Number))],
        ValuePrediction values => values.Values[0].Select(Number),
        TextPrediction text => [text.Tokens.ToString(CultureInfo.InvariantCulture), Number(Finite(text.LogProbability)), Number(Finite(text.Perplexity)), Number(Finite(text.BitsPerToken))],
        ForecastRow row => _table.CellsOf(row),
        AnomalyReading reading => _table.CellsOf(reading),
        _ => throw new NotSupportedException($"no cells of {prediction}"),
    };

    /// <summary>A number as it is read back to the last bit; empty where there is none.</summary>
    internal static string Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    static string Number(double value) => Number((double?)value);

    /// <summary>JSON knows no infinity: a text that cannot be has no figures.</summary>
    static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;

    void WriteRow(IEnumerable<string> cells)
    {
        foreach (var cell in cells) _csv.WriteField(cell);
        _csv.NextRecord();
    }
}
