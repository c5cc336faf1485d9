namespace LstmCluster.Data;

/// <summary>A table as the numbers that a model reads and tells.</summary>
public sealed class EncodedTable : IEncodedRows
{
    readonly RowEncoder _encoder;
    readonly float[] _features;
    readonly float[] _targets;

    /// <summary>Encodes the rows of a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="encoding">What was learned of its columns.</param>
    /// <exception cref="ArgumentException">The table has other columns.</exception>
    public EncodedTable(Table table, TableEncoding encoding)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(encoding);
        (Table, _encoder) = (table, new RowEncoder([.. table.Columns.Select(column => column.Options)], encoding));
        _features = new float[(long)table.Rows * Width];
        _targets = new float[(long)table.Rows * Outputs];
        var cells = new ColumnCell[table.Columns.Count];
        foreach (var series in table.Series)
        {
            var previous = _encoder.BeginSeries();
            for (var row = series.First; row < series.First + series.Count; row++)
            {
                for (var column = 0; column < cells.Length; column++) cells[column] = table.Columns[column][row];
                _encoder.Encode(cells, previous, _features.AsSpan(row * Width, Width), _targets.AsSpan(row * Outputs, Outputs));
            }
        }
    }

    /// <summary>The table.</summary>
    public Table Table { get; }

    /// <summary>What was learned of its columns.</summary>
    public TableEncoding Encoding => _encoder.Encoding;

    /// <summary>Features of a row.</summary>
    public int Width => _encoder.Width;

    /// <summary>Targets of a row.</summary>
    public int Outputs => _encoder.Outputs;

    /// <summary>[Width], for each feature whether it is known for the future.</summary>
    public ReadOnlySpan<bool> IsKnown => _encoder.IsKnown;

    /// <summary>[Width], the features of a row.</summary>
    /// <param name="row">The row.</param>
    public ReadOnlySpan<float> Features(int row) => _features.AsSpan(row * Width, Width);

    /// <summary>[Outputs], the targets of a row, in the units of the model; NaN where one is missing.</summary>
    /// <param name="row">The row.</param>
    public ReadOnlySpan<float> Targets(int row) => _targets.AsSpan(row * Outputs, Outputs);
}
