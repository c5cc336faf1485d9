using System.Globalization;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Learns of each column what a model must know to read it, from some rows alone.</summary>
static class TableFitting
{
    const int MostCategories = 4096;

    /// <summary>Learns from the rows that are trained on.</summary>
    /// <param name="table">The table.</param>
    /// <param name="isTrained">For each row, whether it is trained on.</param>
    /// <param name="fileName">What errors call the table.</param>
    /// <exception cref="UserErrorException">A column has nothing to learn from, or too many words.</exception>
    public static TableEncoding Fit(Table table, bool[] isTrained, string fileName) => new([.. table.Columns.Select(column => column.Options switch
    {
        NumericColumnOptions options => Numbers(column, options, isTrained, fileName),
        CategoricalColumnOptions options => Words(column, options, isTrained, fileName),
        DateColumnOptions options => Dates(column, options, isTrained),
        _ => throw new NotSupportedException($"no encoding for {column.Options}"),
    })]);

    static ColumnFit Numbers(TableColumn column, NumericColumnOptions options, bool[] isTrained, string fileName)
    {
        // Two passes in double, in the order of the rows: the same bits whoever reads the table.
        var (count, sum, squares) = (0, 0.0, 0.0);
        for (var row = 0; row < isTrained.Length; row++)
            if (isTrained[row] && !float.IsNaN(column.Numbers[row]))
                (count, sum) = (count + 1, sum + column.Numbers[row]);
        if (count == 0) throw UserErrorException.At(fileName, $"column \"{options.Name}\" has no number in the rows to train on, expected some");
        var mean = sum / count;
        for (var row = 0; row < isTrained.Length; row++)
            if (isTrained[row] && !float.IsNaN(column.Numbers[row]))
                squares += (column.Numbers[row] - mean) * (column.Numbers[row] - mean);
        var deviation = Math.Sqrt(squares / count);
        return new ColumnFit(options.Name, options.Missing == MissingNumbers.Fail ? 1 : 2)
        {
            IsTarget = options.Role == ColumnRole.Target,
            Mean = options.Standardize ? mean : 0,
            Average = options.Standardize || options.Missing == MissingNumbers.Fail ? null : mean,
            Scale = options.Standardize && deviation > 0 ? deviation : 1,
        };
    }

    static ColumnFit Words(TableColumn column, CategoricalColumnOptions options, bool[] isTrained, string fileName)
    {
        var words = new SortedSet<string>(StringComparer.Ordinal);
        for (var row = 0; row < isTrained.Length; row++)
            if (isTrained[row])
                words.Add(column.Words[row]);
        if (words.Count > MostCategories)
            throw UserErrorException.At(fileName, $"column \"{options.Name}\" has {words.Count} different words, expected at most {MostCategories} for a categorical column");
        return new ColumnFit(options.Name, words.Count) { Categories = [.. words] };
    }

    static ColumnFit Dates(TableColumn column, DateColumnOptions options, bool[] isTrained)
    {
        var first = DateTime.MaxValue;
        for (var row = 0; row < isTrained.Length; row++)
            if (isTrained[row] && column.Dates[row] < first)
                first = column.Dates[row];
        return new ColumnFit(options.Name, options.Features.Sum(CalendarFeatures.Width)) { FirstDay = first.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) };
    }
}
