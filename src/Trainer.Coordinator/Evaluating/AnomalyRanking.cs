using LstmCluster.Compute;
using LstmCluster.Data;

namespace LstmCluster.Training;

/// <summary>How well errors tell the rows of a series that are labelled as out of the ordinary.</summary>
/// <param name="Series">Name of the series; empty where all rows are one.</param>
/// <param name="Rows">Rows that were told.</param>
/// <param name="Labelled">Those that are labelled.</param>
/// <param name="Area">Area under the ROC curve of the model's errors; null where all rows are of one kind.</param>
/// <param name="DifferenceArea">The same of the difference from the row before, which needs no model; null where all rows are of one kind.</param>
public sealed record AnomalyRanking(string Series, int Rows, int Labelled, double? Area, double? DifferenceArea)
{
    /// <summary>Error above which a row is called out of the ordinary (<see cref="AnomalyThresholds"/>).</summary>
    public required double Threshold { get; init; }

    /// <summary>Rows above the threshold for each thousand that are not labelled; NaN where all are.</summary>
    public required double FalseAlarms { get; init; }

    /// <summary>Share of the labelled rows that are above the threshold; NaN where there are none.</summary>
    public required double Found { get; init; }
}

/// <summary>Scores of rows, by series.</summary>
sealed class AnomalyScores(EncodedTable table)
{
    readonly List<(int Row, double Score, double Difference)> _rows = [];

    /// <summary>Takes in a row that was told.</summary>
    /// <param name="row">The row.</param>
    /// <param name="score">How far what was told is off: the root of the mean square over the outputs, in the units of the model.</param>
    public void Add(int row, double score)
    {
        var difference = 0.0;
        var targets = table.Targets(row - 1, 2);
        for (var output = 0; output < table.Outputs; output++)
        {
            var change = (double)targets[table.Outputs + output] - targets[output];
            difference += change * change;
        }

        // Without a row before there is nothing to differ from.
        _rows.Add((row, score, double.IsNaN(difference) ? 0 : difference));
    }

    /// <summary>The ranking of each series of which rows were told.</summary>
    /// <param name="thresholds">Above which score a row is out of the ordinary.</param>
    public IReadOnlyList<AnomalyRanking> ToRankings(AnomalyThresholds thresholds) =>
    [
        .. _rows.GroupBy(row => table.Table.SeriesOf(row.Row)).OrderBy(series => series.Key)
            .Select(series => (table.Table.Series[series.Key].Name, Rows: series.ToList())).Select(series => Rank(series.Name, series.Rows, thresholds.Of(series.Name))),
    ];

    AnomalyRanking Rank(string name, List<(int Row, double Score, double Difference)> rows, double threshold)
    {
        bool[] kinds = [.. rows.Select(row => table.Table.IsLabelled(row.Row))];
        var (labelled, alarms, found) = (kinds.Count(kind => kind), 0, 0);
        foreach (var (row, kind) in rows.Zip(kinds))
        {
            if (!(row.Score > threshold)) continue;
            if (kind) found++;
            else alarms++;
        }

        return new AnomalyRanking(
            name, rows.Count, labelled, RocCurve.Area([.. rows.Select(row => row.Score)], kinds), RocCurve.Area([.. rows.Select(row => row.Difference)], kinds))
        {
            Threshold = threshold,
            FalseAlarms = 1000.0 * alarms / (rows.Count - labelled),
            Found = (double)found / labelled,
        };
    }
}
