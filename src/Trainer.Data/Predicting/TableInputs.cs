using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Reads the rows of a table that a trained model is used on, each as soon as its line is there.</summary>
public static class TableInputs
{
    /// <summary>Reads rows.</summary>
    /// <param name="reader">The content: a line with the names of the columns, then the rows; it stays the caller's.</param>
    /// <param name="fileName">What errors call it.</param>
    /// <param name="job">The job that trained the model, which names the columns.</param>
    /// <param name="encoding">What was learned of the columns.</param>
    /// <param name="leftOut">Hears of each malformed row, which is left out; null where one is an error.</param>
    /// <exception cref="UserErrorException">A column is missing, or a cell holds what the model cannot read, such as a category that was not trained on; names line and column.</exception>
    public static IEnumerable<TableInput> Read(TextReader reader, string fileName, Job job, TableEncoding encoding, Action<string>? leftOut = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(encoding);
        var bad = new BadRows(leftOut is null ? MalformedRows.Fail : MalformedRows.Skip, leftOut);
        TableInputColumn[] columns = [.. job.Data.Columns!.Zip(encoding.Columns, (options, fit) => new TableInputColumn(options, fit))];
        using var file = new ColumnFile(reader, fileName, job.Data.Format!.Value, [.. columns.SelectMany(column => column.Names)], bad);
        int[][] places = [.. columns.Select(column => column.Names.Select(name => file.Find(name, "data.columns")).ToArray())];
        var series = job.Data.Series is { } name ? file.Find(name, "data.series") : -1;
        foreach (var (line, row) in file.Rows())
        {
            TableInput? input = null;
            try
            {
                input = Of(line, row);
            }
            catch (UserErrorException error)
            {
                bad.Take(error);
            }

            if (input is not null) yield return input;
        }

        TableInput Of(int line, string[] row)
        {
            var (cells, hasTarget, flaw) = (new ColumnCell[columns.Length], false, (UserErrorException?)null);
            for (var column = 0; column < cells.Length; column++)
            {
                Cell[] parts = [.. columns[column].Names.Zip(places[column], (part, place) => new Cell(fileName, line, part, row[place]))];
                cells[column] = columns[column].Read(parts, out var own);
                flaw ??= own;
                hasTarget |= columns[column].IsTarget && !float.IsNaN(cells[column].Number);
            }

            return new TableInput(line, series < 0 ? "" : row[series], cells, hasTarget, flaw);
        }
    }
}

/// <summary>Reads the cells of one column of rows that a model is used on.</summary>
/// <param name="options">What the job says of it.</param>
/// <param name="fit">What was learned of it.</param>
sealed class TableInputColumn(ColumnOptions options, ColumnFit fit)
{
    const int MostShown = 8;

    readonly ColumnReader _reader = ColumnReader.Of(options);

    /// <summary>Names of the columns in the file.</summary>
    public IReadOnlyList<string> Names => _reader.Names;

    /// <summary>True when it is told.</summary>
    public bool IsTarget => fit.IsTarget;

    /// <summary>Reads a row's cells.</summary>
    /// <param name="cells">Those of <see cref="Names"/>.</param>
    /// <param name="flaw">Why the row is none whose values are known: nothing stands there, which is right in a row that is to be told; null when there is no reason.</param>
    /// <exception cref="UserErrorException">The cells hold what the model cannot read.</exception>
    public ColumnCell Read(Cell[] cells, out UserErrorException? flaw)
    {
        flaw = null;
        try
        {
            _reader.Read(cells);
            RequireKnownWord(cells[0]);
            if (!fit.CanEncode(_reader.Last.Number)) throw TableRange.TooFar(cells[0], fit);
            return _reader.Last;
        }
        catch (UserErrorException error) when (options.Role != ColumnRole.Known && Array.TrueForAll(cells, cell => _reader.IsMissing(cell.Text)))
        {
            flaw = error;
            return ColumnCell.None;
        }
    }

    void RequireKnownWord(in Cell cell)
    {
        if (fit.Categories is not { } words || words.Contains(cell.Text)) return;
        var shown = string.Join(", ", words.Take(MostShown).Select(Cell.Show)) + (words.Count > MostShown ? ", ..." : "");
        throw cell.Error($"holds {cell.Shown}, which is none of the {words.Count} that were trained on: {shown}");
    }
}
