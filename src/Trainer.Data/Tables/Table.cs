using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>The columns of a table that a model reads, as they stand in the file.</summary>
/// <param name="Columns">The columns, in the order of the job.</param>
/// <param name="Series">The series, each consecutive rows of the table.</param>
public sealed record Table(IReadOnlyList<TableColumn> Columns, IReadOnlyList<TableSeries> Series)
{
    /// <summary>Number of rows.</summary>
    public int Rows => Series.Count == 0 ? 0 : Series[^1].First + Series[^1].Count;

    /// <summary>True for each row that is known to be out of the ordinary; null where nothing tells.</summary>
    public IReadOnlyList<bool>? Labels { get; init; }

    /// <summary>Line of each row in its file.</summary>
    public required IReadOnlyList<int> Lines { get; init; }

    /// <summary>SHA-256 of what was read, in hexadecimal.</summary>
    public required string Sha256 { get; init; }

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

/// <summary>One column; only what its kind has is filled.</summary>
/// <param name="Options">What the job says of it.</param>
public sealed record TableColumn(ColumnOptions Options)
{
    /// <summary>The numbers, NaN where one is missing.</summary>
    public IReadOnlyList<float> Numbers { get; init; } = [];

    /// <summary>The words.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>The dates.</summary>
    public IReadOnlyList<DateTime> Dates { get; init; } = [];

    /// <summary>What a row has.</summary>
    /// <param name="row">The row.</param>
    public ColumnCell this[int row] => Options switch
    {
        NumericColumnOptions => new ColumnCell(Numbers[row]),
        CategoricalColumnOptions => new ColumnCell(Word: Words[row]),
        _ => new ColumnCell(Date: Dates[row]),
    };
}
