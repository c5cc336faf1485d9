using System.Globalization;
using LstmCluster.Cli.Display;
using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Cli.Verbs;

/// <summary>An evaluation as people and programs read it.</summary>
/// <param name="model">What was evaluated.</param>
/// <param name="result">How it did.</param>
/// <param name="run">The run directory, as it was typed.</param>
/// <param name="part">The part of the data.</param>
/// <param name="rows">Rows of the part; null for a running text.</param>
/// <param name="areOtherData">True where the data are others than those that were trained on.</param>
sealed class EvaluationReport(TrainedModel model, Evaluation result, string run, DataPart part, long? rows, bool areOtherData)
{
    readonly Wording _wording = new(model.Job);
    readonly string _part = part.ToString().ToLowerInvariant();

    double? Bits => _wording.LossIsInNats ? Likelihood.Bits(result.Loss) : null;

    // Tokens of several bytes, or of less than a character, compare with others by this only.
    double? BitsPerCharacter => result.Characters is > 0 and var characters ? Likelihood.Bits(result.Loss) * result.Targets / characters : null;

    double? Perplexity => _wording.LossIsInNats ? Likelihood.Perplexity(result.Loss) : null;

    /// <summary>Writes one line of JSON to standard output.</summary>
    public void WriteJson()
    {
        var figures = new
        {
            Run = run,
            Weights = model.From,
            ValidationLoss = result.Loss,
            BitsPerToken = Bits,
            BitsPerCharacter,
            Perplexity,
            Tokens = result.Targets,
            Rows = rows,
            DataChanged = areOtherData ? true : (bool?)null,
            result.Accuracy,
            result.Classes?.MacroF1,
            Classes = result.Classes is { } matrix ? Enumerable.Range(0, matrix.Classes).Select(id => new
            {
                Class = NameOf(id),
                Count = matrix.Support(id),
                Precision = matrix.Precision(id),
                Recall = matrix.Recall(id),
                F1 = matrix.F1(id),
            }) : null,
            Confusion = result.Classes?.Cells.Select(cell => new { Expected = NameOf(cell.Expected), Predicted = NameOf(cell.Predicted), cell.Count }),
            result.ExactMatches,
            result.Sequences?.SequenceError,
            result.Sequences?.TokenError,
            Mae = result.Values?.All.MeanAbsolute,
            Rmse = result.Values?.All.RootMeanSquare,
            Tolerance = result.Values?.Within is { } within ? new
            {
                within.Tolerance,
                within.Numbers,
                within.RightNumbers,
                within.Sequences,
                within.RightSequences,
                LargestError = Finite(within.Largest),
            } : null,
            Columns = result.Values?.Columns.Select(column => new
            {
                column.Name,
                Mae = column.Errors.MeanAbsolute,
                Rmse = column.Errors.RootMeanSquare,
                Mase = column.Scaled,
                SeasonalNaiveMae = column.SeasonalNaive?.MeanAbsolute,
                column.SeasonalNaiveShare,
                RocAuc = column.Area,
            }),
            Anomalies = result.Anomalies?.Select(series => new
            {
                series.Series,
                series.Rows,
                series.Labelled,
                RocAuc = series.Area,
                DifferenceRocAuc = series.DifferenceArea,
                Threshold = Finite(series.Threshold),
                FalseAlarmsPerThousand = Finite(series.FalseAlarms),
                Found = Finite(series.Found),
            }),
        };
        Json.Write(figures, leaveOutNulls: true);
    }

    /// <summary>Writes some lines of text.</summary>
    public void Write(TextWriter output)
    {
        var target = _wording.TargetName;
        output.WriteLine($"{model.From}, {_part}: {(rows is { } all ? $"{Numbers.Count(all, "row")}, " : "")}{Numbers.Count(result.Targets, target)}");
        Line($"{_part} loss", Numbers.Loss(result.Loss), $"{(_wording.LossIsInNats ? "nats " : "")}per {target}");
        if (model.Job.Task is LanguageModelTask) Line("", Numbers.Loss(Bits!.Value), $"bits per {target}");
        if (BitsPerCharacter is { } bits && model.Job.Data.Tokens != TokenKind.Character) Line("", Numbers.Loss(bits), $"bits per character, of {Numbers.Count(result.Characters!.Value)}");
        if (_wording.HasPerplexity) Line("perplexity", Numbers.Loss(Perplexity!.Value));
        if (result.Accuracy is { } accuracy && model.Job.Task.HasRows) Line("accuracy", Numbers.Percent(accuracy));
        if (result.Classes is { } matrix) ClassTables.Write(matrix, NameOf, output);
        if (result.Sequences is { } sequences)
        {
            Line("exact matches", Numbers.Percent(result.ExactMatches!.Value), "of the inputs, found by a beam of 5");
            Line("sequence error", Numbers.Percent(sequences.SequenceError));
            Line("token error", Numbers.Percent(sequences.TokenError), "of the tokens, by edit distance");
        }

        foreach (var column in result.Values?.Columns ?? [])
        {
            Line(column.SeasonalNaive is null ? $"number {column.Name}" : column.Name, Numbers.Loss(column.Errors.MeanAbsolute), $"mean absolute error, {Numbers.Loss(column.Errors.RootMeanSquare)} root mean square");
            if (column.Scaled is { } scaled) Line("", Numbers.Loss(scaled), "MASE, against the last season, in training data");
            if (column.SeasonalNaiveShare is { } share) Line("", Numbers.Loss(share), $"of the {Numbers.Loss(column.SeasonalNaive!.MeanAbsolute)} of repeating the last season here");
            if (column.Area is { } area) Line("", Figure(area), "ROC AUC");
        }

        if (result.Values?.Within is { } within)
        {
            Line($"within {within.Tolerance.ToString(CultureInfo.InvariantCulture)}", Numbers.Percent((double)within.RightNumbers / within.Numbers), $"of the numbers; the largest error is {Figure(within.Largest)}");
            Line("", Numbers.Count(within.RightSequences), $"of {Numbers.Count(within.Sequences, "sequence")} in all of their numbers");
        }

        foreach (var series in result.Anomalies ?? [])
        {
            var name = $"series {series.Series}";
            if (series.Area is { } area)
            {
                Line(name, Figure(area), $"ROC AUC of {Numbers.Count(series.Labelled)} labelled rows among {Numbers.Count(series.Rows)}");
                Line("", Figure(series.DifferenceArea!.Value), "ROC AUC of the difference from the row before");
            }

            Line(series.Area is null ? name : "", Figure(series.FalseAlarms), $"false alarms per 1,000 rows, above {Figure(series.Threshold)}");
            if (series.Labelled > 0) Line("", Numbers.Percent(series.Found), "of the labelled rows are above it");
        }

        // Not wider than 80 columns.
        void Line(string name, string figure, string rest = "") => output.WriteLine($"  {name,-18}  {figure,8}{(rest.Length > 0 ? " " : "")}{rest}");
    }

    string NameOf(int id) => model.Encoding.Classes![id];

    static double? Finite(double value) => double.IsFinite(value) ? value : null;

    static string Figure(double value) => value.ToString("F4", CultureInfo.InvariantCulture);
}
