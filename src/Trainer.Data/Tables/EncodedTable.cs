using System.Globalization;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>A table as the numbers that a model reads and tells.</summary>
public sealed class EncodedTable
{
    readonly float[] _features;
    readonly float[] _targets;
    readonly bool[] _isKnown;

    /// <summary>Encodes the rows of a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="encoding">What was learned of its columns.</param>
    /// <exception cref="ArgumentException">The table has other columns.</exception>
    public EncodedTable(Table table, TableEncoding encoding)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(encoding);
        if (!table.Columns.Select(column => column.Options.Name).SequenceEqual(encoding.Columns.Select(column => column.Name)))
            throw new ArgumentException("the table has other columns than the encoding", nameof(table));
        (Table, Encoding, Width, Outputs) = (table, encoding, encoding.Features - 1, encoding.Outputs);
        _features = new float[(long)table.Rows * Width];
        _targets = new float[(long)table.Rows * Outputs];
        _isKnown = new bool[Width];
        var (feature, output) = (0, 0);
        foreach (var (column, fit) in table.Columns.Zip(encoding.Columns))
        {
            _isKnown.AsSpan(feature, fit.Width).Fill(column.Options.Role == ColumnRole.Known);
            Encode(column, fit, feature);
            if (fit.IsTarget) EncodeTarget(column, fit, output++);
            feature += fit.Width;
        }
    }

    /// <summary>The table.</summary>
    public Table Table { get; }

    /// <summary>What was learned of its columns.</summary>
    public TableEncoding Encoding { get; }

    /// <summary>Features of a row.</summary>
    public int Width { get; }

    /// <summary>Targets of a row.</summary>
    public int Outputs { get; }

    /// <summary>[Width], for each feature whether it is known for the future.</summary>
    public ReadOnlySpan<bool> IsKnown => _isKnown;

    /// <summary>[Width], the features of a row.</summary>
    /// <param name="row">The row.</param>
    public ReadOnlySpan<float> Features(int row) => _features.AsSpan(row * Width, Width);

    /// <summary>[Outputs], the targets of a row, in the units of the model; NaN where one is missing.</summary>
    /// <param name="row">The row.</param>
    public ReadOnlySpan<float> Targets(int row) => _targets.AsSpan(row * Outputs, Outputs);

    void Encode(TableColumn column, ColumnFit fit, int feature)
    {
        switch (column.Options)
        {
            case NumericColumnOptions options: EncodeNumbers(column, options, fit, feature); break;
            case CategoricalColumnOptions: EncodeWords(column, fit, feature); break;
            case DateColumnOptions options: EncodeDates(column, options, fit, feature); break;
            default: throw new NotSupportedException($"no encoding for {column.Options}");
        }
    }

    void EncodeNumbers(TableColumn column, NumericColumnOptions options, ColumnFit fit, int feature)
    {
        foreach (var series in Table.Series)
        {
            // The mean of what is trained on is zero in the units of the model.
            var previous = options.Standardize ? 0f : (float)fit.Mean;
            for (var row = series.First; row < series.First + series.Count; row++)
            {
                var isMissing = float.IsNaN(column.Numbers[row]);
                var at = (row * Width) + feature;
                _features[at] = isMissing ? previous : fit.Encode(column.Numbers[row]);
                if (fit.Width > 1) _features[at + 1] = isMissing ? 1 : 0;
                if (options.Missing == MissingNumbers.Previous) previous = _features[at];
            }
        }
    }

    void EncodeWords(TableColumn column, ColumnFit fit, int feature)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (index, word) in fit.Categories!.Index()) ids.Add(word, index);

        // A word that was not trained on has none of the features.
        for (var row = 0; row < Table.Rows; row++)
            if (ids.TryGetValue(column.Words[row], out var id))
                _features[(row * Width) + feature + id] = 1;
    }

    void EncodeDates(TableColumn column, DateColumnOptions options, ColumnFit fit, int feature)
    {
        var first = DateTime.ParseExact(fit.FirstDay!, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        for (var row = 0; row < Table.Rows; row++)
        {
            var at = (row * Width) + feature;
            foreach (var kind in options.Features)
            {
                var width = CalendarFeatures.Width(kind);
                CalendarFeatures.Fill(kind, column.Dates[row], first, _features.AsSpan(at, width));
                at += width;
            }
        }
    }

    void EncodeTarget(TableColumn column, ColumnFit fit, int output)
    {
        for (var row = 0; row < Table.Rows; row++) _targets[(row * Outputs) + output] = fit.Encode(column.Numbers[row]);
    }
}
