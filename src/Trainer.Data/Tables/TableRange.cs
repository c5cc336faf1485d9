using System.Globalization;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Finds rows of a table with numbers that are too far from what was trained on to be computed with.</summary>
static class TableRange
{
    /// <summary>Leaves such rows out, where the job says so. Rows that are trained on are none of them, so that what was learned of the columns stays as it is.</summary>
    /// <param name="table">The table.</param>
    /// <param name="parts">What each row is for.</param>
    /// <param name="encoding">What was learned of the columns.</param>
    /// <param name="fileName">What errors call the table.</param>
    /// <param name="bad">What becomes of such rows.</param>
    /// <exception cref="UserErrorException">There is one, and the job does not leave it out; names line and column.</exception>
    public static (Table Table, DataPart[] Parts) Within(Table table, DataPart[] parts, TableEncoding encoding, string fileName, BadRows bad)
    {
        List<int>? outside = null;
        for (var row = 0; row < table.Rows; row++)
        {
            if (ErrorOf(table, row, encoding, fileName) is not { } error) continue;
            bad.Take(error);
            (outside ??= []).Add(row);
        }

        if (outside is null) return (table, parts);
        int[] rows = [.. Enumerable.Range(0, table.Rows).Except(outside)];
        return (table.Of(rows), [.. rows.Select(row => parts[row])]);
    }

    /// <summary>The error about a cell.</summary>
    /// <param name="cell">The cell, with a number that <see cref="ColumnFit.CanEncode"/> refuses.</param>
    /// <param name="fit">What was learned of its column.</param>
    public static UserErrorException TooFar(in Cell cell, ColumnFit fit)
    {
        var (least, most) = fit.Range;
        return cell.Error(string.Create(CultureInfo.InvariantCulture, $"holds {cell.Shown}, expected a number from {least:G3} to {most:G3}: others are too far from what was trained on to be computed with"));
    }

    static UserErrorException? ErrorOf(Table table, int row, TableEncoding encoding, string fileName)
    {
        for (var column = 0; column < table.Columns.Count; column++)
        {
            var (number, fit) = (table.Columns[column][row].Number, encoding.Columns[column]);
            if (!fit.CanEncode(number)) return TooFar(new Cell(fileName, table.Lines[row], fit.Name, number.ToString("R", CultureInfo.InvariantCulture)), fit);
        }

        return null;
    }
}
