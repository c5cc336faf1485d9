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

    /// <summary>Begins to write.</summary>
    /// <param name="output">Where to; closed at the end.</param>
    /// <param name="format">How.</param>
    /// <param name="task">What the predictions are of.</param>
    public PredictionWriter(Stream output, PredictionFormat format, TaskOptions task)
    {
        (_format, _answersSteps) = (format, task is RegressorTask { Answers: RegressorAnswers.Step });
        _output = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
        _csv = new CsvWriter(_output, new CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\n" });
        if (format != PredictionFormat.Csv) return;
        WriteRow(HeaderOf(task));
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
        _ => throw new NotSupportedException($"no JSON of {prediction}"),
    };

    static IEnumerable<string> HeaderOf(TaskOptions task) => task switch
    {
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
        _ => throw new NotSupportedException($"no cells of {prediction}"),
    };

    static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    void WriteRow(IEnumerable<string> cells)
    {
        foreach (var cell in cells) _csv.WriteField(cell);
        _csv.NextRecord();
    }
}
