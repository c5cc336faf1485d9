using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>From what a row of a table has to the numbers that a model reads and tells.</summary>
sealed class RowEncoder
{
    readonly ColumnEncoder[] _columns;
    readonly ColumnFit[] _fits;
    readonly bool[] _isKnown;

    /// <summary>Prepares to encode rows.</summary>
    /// <param name="columns">The columns, as the job has them.</param>
    /// <param name="encoding">What was learned of them.</param>
    /// <exception cref="ArgumentException">The encoding is of other columns.</exception>
    public RowEncoder(IReadOnlyList<ColumnOptions> columns, TableEncoding encoding)
    {
        if (!columns.Select(column => column.Name).SequenceEqual(encoding.Columns.Select(column => column.Name)))
            throw new ArgumentException("the table has other columns than the encoding", nameof(columns));
        (Encoding, Width, Outputs) = (encoding, encoding.Features - 1, encoding.Outputs);
        _fits = [.. encoding.Columns];
        _columns = [.. columns.Zip(_fits, ColumnEncoder.Of)];
        _isKnown = [.. columns.Zip(_fits).SelectMany(column => Enumerable.Repeat(column.First.Role == ColumnRole.Known, column.Second.Width))];
    }

    /// <summary>What was learned of the columns.</summary>
    public TableEncoding Encoding { get; }

    /// <summary>Features of a row.</summary>
    public int Width { get; }

    /// <summary>Targets of a row.</summary>
    public int Outputs { get; }

    /// <summary>[Width], for each feature whether it is known for the future.</summary>
    public ReadOnlySpan<bool> IsKnown => _isKnown;

    /// <summary>[columns]: what stands for missing numbers at the beginning of a series, to be handed to each of its rows in turn.</summary>
    public float[] BeginSeries() => [.. _columns.Select(column => column.Beginning)];

    /// <summary>Encodes a row.</summary>
    /// <param name="cells">[columns] of the row.</param>
    /// <param name="previous">[columns], what <see cref="BeginSeries"/> gave; changed by each row.</param>
    /// <param name="features">[Width], all zero before.</param>
    /// <param name="targets">[Outputs]. Out only.</param>
    public void Encode(ReadOnlySpan<ColumnCell> cells, float[] previous, Span<float> features, Span<float> targets)
    {
        var (feature, output) = (0, 0);
        for (var column = 0; column < _columns.Length; column++)
        {
            var fit = _fits[column];
            _columns[column].Encode(cells[column], features.Slice(feature, fit.Width), ref previous[column]);
            if (fit.IsTarget) targets[output++] = fit.Encode(cells[column].Number);
            feature += fit.Width;
        }
    }
}
