using System.Globalization;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Numbers of a table that are too far from what was trained on to be computed with.</summary>
static class TableRange
{
    /// <summary>Leaves rows with such numbers out, where the job says so. No such number is in what was learned of a column, so that it stays as it is.</summary>
    /// <param name="table">The table.</param>
    /// <param name="parts">What the rows of each series are for.</param>
    /// <param name="encoding">What was learned of the columns.</param>
    /// <param name="fileName">What errors call the table.</param>
    /// <param name="bad">What becomes of such rows.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">There is one, and the job does not leave it out; names line and column.</exception>
    public static (Table Table, TextCut[] Parts) Within(Table table, TextCut[] parts, TableEncoding encoding, string fileName, BadRows bad, CancellationToken cancellation)
    {
        var (rows, cursor, outside) = (table.Content, new TableCursor(table.Content, cancellation), new List<int>());
        for (var row = 0; row < table.Rows; row++)
        {
            if (ErrorOf(rows, cursor.Record(row), row, encoding, fileName) is not { } error) continue;
            bad.Take(error);
            outside.Add(row);
        }

        if (outside.Count == 0) return (table, parts);
        var next = 0;
        TextCut[] rest = [.. table.Series.Zip(parts, (series, cut) => Without(cut, [.. Of(series)]))];
        var (series, at, content) = (new List<TableSeries>(), 0, rows.Without(outside, cancellation));
        foreach (var (name, count) in table.Series.Select(each => each.Name).Zip(content.SeriesCounts))
        {
            series.Add(new TableSeries(name, at, count));
            at += count;
        }

        return (new Table(content, series) { HasLabels = table.HasLabels, Sha256 = table.Sha256 }, rest);

        // Places in a series of what is left out of it; series are asked for in their order.
        IEnumerable<int> Of(TableSeries own)
        {
            for (; next < outside.Count && outside[next] < own.First + own.Count; next++) yield return outside[next] - own.First;
        }
    }

    /// <summary>The error about a cell.</summary>
    /// <param name="cell">The cell, with a number that <see cref="ColumnFit.CanEncode"/> refuses.</param>
    /// <param name="fit">What was learned of its column.</param>
    public static UserErrorException TooFar(in Cell cell, ColumnFit fit)
    {
        var (least, most) = fit.Range;
        return cell.Error(string.Create(CultureInfo.InvariantCulture, $"holds {cell.Shown}, expected a number from {least:G3} to {most:G3}: others are too far from what was trained on to be computed with"));
    }

    static TextCut Without(TextCut cut, IEnumerable<int> places)
    {
        var left = places.ToLookup(cut.PartAt);
        return new TextCut(
            cut.Training - left[DataPart.Training].Count(), cut.Validation - left[DataPart.Validation].Count(), cut.Test - left[DataPart.Test].Count());
    }

    static UserErrorException? ErrorOf(TableRows rows, ReadOnlySpan<byte> record, int row, TableEncoding encoding, string fileName)
    {
        for (var column = 0; column < rows.Columns.Count; column++)
        {
            if (rows.Columns[column] is not NumericColumnOptions) continue;
            var (number, fit) = (rows.NumberOf(record, column), encoding.Columns[column]);
            if (!fit.CanEncode(number)) return TooFar(new Cell(fileName, rows.LineOf(row), fit.Name, number.ToString("R", CultureInfo.InvariantCulture)), fit);
        }

        return null;
    }
}
