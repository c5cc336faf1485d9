namespace LstmCluster.Data;

/// <summary>The columns of a table that a model reads, as they stand in the file.</summary>
public sealed class Table
{
    internal Table(TableRows content, IReadOnlyList<TableSeries> series) => (Content, Series) = (content, series);

    /// <summary>The series, each consecutive rows of the table.</summary>
    public IReadOnlyList<TableSeries> Series { get; }

    /// <summary>Number of rows.</summary>
    public int Rows => Content.Count;

    /// <summary>True where something tells which rows are known to be out of the ordinary.</summary>
    public bool HasLabels { get; init; }

    /// <summary>SHA-256 of what was read, in hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>What stands in the rows.</summary>
    internal TableRows Content { get; }

    /// <summary>True for a row that is known to be out of the ordinary.</summary>
    /// <param name="row">The row.</param>
    public bool IsLabelled(int row) => Content.IsLabelled(row);

    /// <summary>Line of a row in its file.</summary>
    /// <param name="row">The row.</param>
    public int LineOf(int row) => Content.LineOf(row);

    /// <summary>Index of the series that a row belongs to.</summary>
    /// <param name="row">The row.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public int SeriesOf(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
        var (first, last) = (0, Series.Count - 1);
        while (first < last)
        {
            var middle = (first + last + 1) / 2;
            if (Series[middle].First <= row) first = middle;
            else last = middle - 1;
        }

        return first;
    }
}

/// <summary>Rows that follow one another in time.</summary>
/// <param name="Name">What the rows have in the column that tells the series; empty where all are one.</param>
/// <param name="First">Its first row in the table.</param>
/// <param name="Count">Number of its rows.</param>
public readonly record struct TableSeries(string Name, int First, int Count);
