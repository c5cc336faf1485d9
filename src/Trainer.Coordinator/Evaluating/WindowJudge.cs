using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>How far what is told of windows is off, in the units of the table's columns, and beside the forecast that repeats the last season.</summary>
/// <param name="task">What a window is.</param>
/// <param name="table">The table.</param>
/// <param name="windows">The windows, in the order in which they are taken in.</param>
/// <param name="scales">Of each output, mean absolute error of the seasonal-naive forecast on what was trained on.</param>
/// <param name="season">Rows of a season.</param>
sealed class WindowJudge(WindowTask task, EncodedTable table, SampleSet windows, double[] scales, int season) : Judge
{
    readonly ColumnFit[] _columns = [.. table.Encoding.Targets];
    readonly RegressionErrors _all = new();
    readonly RegressionErrors[] _errors = [.. scales.Select(_ => new RegressionErrors())], _naive = [.. scales.Select(_ => new RegressionErrors())], _beside = [.. scales.Select(_ => new RegressionErrors())];
    int _taken;

    /// <summary>Scores of the rows that were told; null where nothing tells which are out of the ordinary.</summary>
    public AnomalyScores? Scores { get; } = table.Table.HasLabels ? new AnomalyScores(table) : null;

    /// <summary>Above which score a row is called out of the ordinary; needed where there are <see cref="Scores"/>.</summary>
    public AnomalyThresholds? Thresholds { get; set; }

    public override void Take(ReadOnlySpan<float> outputs, in Batch batch, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            var (window, score, at) = (windows[_taken++], new WindowScore(), 0);
            for (var step = task.Context; step < task.Rows; step++)
            {
                at = ((step * rows) + row) * scales.Length;
                var told = outputs.Slice(at, scales.Length);
                var expected = batch.Values.Slice(at, scales.Length);
                score.Add(told, expected);
                Take(window, step, told, expected);
            }

            // Each row has one score, which is known as soon as the row is: that of the window that ends with it.
            if (!batch.Values.Slice(at, scales.Length).Contains(float.NaN)) Scores?.Add(window.FirstRow + task.Rows - 1, score.Value);
        }
    }

    public override Evaluation Complete(Evaluation evaluation) => evaluation with
    {
        Values = new ValueErrors(_all, [.. _columns.Select((column, output) => new ColumnErrors(column.Name, _errors[output])
        {
            SeasonalNaive = _naive[output].Count > 0 ? _naive[output] : null,
            BesideSeasonalNaive = _naive[output].Count > 0 ? _beside[output] : null,

            // A series that repeats itself to the last digit has no scale.
            Scaled = scales[output] > 0 ? _errors[output].Scaled(scales[output]) : null,
        })]),
        Anomalies = Scores?.ToRankings(Thresholds!),
    };

    void Take(Sample window, int step, ReadOnlySpan<float> told, ReadOnlySpan<float> expected)
    {
        // A row of which a target is missing is not told.
        if (expected.Contains(float.NaN)) return;
        var row = window.FirstRow + step;
        var before = table.Targets(row - SeasonalNaive.RowsBack(step - task.Context + 1, season), 1);
        for (var output = 0; output < told.Length; output++)
        {
            var (column, from) = (_columns[output], (double)window.Bases[(step * told.Length) + output]);
            var (number, answer) = (column.Decode(expected[output] + from), column.Decode(told[output] + from));
            _errors[output].Add(number, answer);
            _all.Add(number, answer);
            if (float.IsNaN(before[output])) continue;

            // Two forecasts are compared by the same numbers.
            _naive[output].Add(number, column.Decode(before[output]));
            _beside[output].Add(number, answer);
        }
    }
}
