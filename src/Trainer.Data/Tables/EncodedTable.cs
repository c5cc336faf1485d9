using System.Runtime.InteropServices;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>A table as the numbers that a model reads and tells.</summary>
/// <remarks>Any number of threads may read.</remarks>
public sealed class EncodedTable : IEncodedRows
{
    readonly RowEncoder _encoder;
    readonly EncodedNumbers _features, _targets;

    /// <summary>Encodes the rows of a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="encoding">What was learned of its columns.</param>
    /// <param name="place">Where the numbers are kept.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">They cannot be kept.</exception>
    internal EncodedTable(Table table, TableEncoding encoding, SpoolPlace place, CancellationToken cancellation)
    {
        var rows = table.Content;
        (Table, _encoder) = (table, new RowEncoder(rows.Columns, encoding));
        (_features, _targets) = (EncodedNumbers.Of(rows.Count, Width, place), EncodedNumbers.Of(rows.Count, Outputs, place));
        var (cells, features, targets, cursor) = (new ColumnCell[rows.Columns.Count], new float[Width], new float[Outputs], new TableCursor(rows, cancellation));
        foreach (var series in table.Series)
        {
            var previous = _encoder.BeginSeries();
            for (var row = series.First; row < series.First + series.Count; row++)
            {
                var record = cursor.Record(row);
                for (var column = 0; column < cells.Length; column++) cells[column] = rows.CellOf(record, column);
                features.AsSpan().Clear();
                _encoder.Encode(cells, previous, features, targets);
                _features.Append(features);
                _targets.Append(targets);
            }
        }

        _features.Flush();
        _targets.Flush();
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

    /// <summary>[count,Width], the features of consecutive rows.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">Number of rows.</param>
    public ReadOnlySpan<float> Features(int first, int count) => _features.Of(first, count);

    /// <summary>[count,Outputs], the targets of consecutive rows, in the units of the model; NaN where one is missing.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">Number of rows.</param>
    public ReadOnlySpan<float> Targets(int first, int count) => _targets.Of(first, count);
}

/// <summary>So many numbers of each row: in an array, or in a file, from which they are read when they are asked for.</summary>
sealed class EncodedNumbers
{
    readonly int _width;
    readonly float[]? _array;
    readonly SpoolFile? _file;
    int _used;

    EncodedNumbers(int width, float[]? array, SpoolFile? file) => (_width, _array, _file) = (width, array, file);

    /// <summary>Makes room.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="width">Numbers of a row.</param>
    /// <param name="place">Says whether there is memory for them.</param>
    public static EncodedNumbers Of(int rows, int width, SpoolPlace place)
    {
        var numbers = (long)rows * width;
        return numbers <= Array.MaxLength && place.TryTake(numbers * sizeof(float)) ? new EncodedNumbers(width, new float[numbers], null) : new EncodedNumbers(width, null, place.NewFile());
    }

    /// <summary>Takes the numbers of the next row.</summary>
    public void Append(ReadOnlySpan<float> row)
    {
        if (_array is null)
        {
            _file!.Append(MemoryMarshal.AsBytes(row));
            return;
        }

        row.CopyTo(_array.AsSpan(_used));
        _used += row.Length;
    }

    /// <summary>Makes what was taken readable.</summary>
    public void Flush() => _file?.Flush();

    /// <summary>[count,width], the numbers of consecutive rows.</summary>
    public ReadOnlySpan<float> Of(int first, int count)
    {
        if (_array is not null) return _array.AsSpan(first * _width, count * _width);
        var numbers = new float[count * _width];
        _file!.Read((long)first * _width * sizeof(float), MemoryMarshal.AsBytes(numbers.AsSpan()));
        return numbers;
    }
}
