using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Reads the rows of a TSV or CSV file whose first line names the columns.</summary>
static class RowFile
{
    /// <summary>Reads files, row by row.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="options">Their format, and which columns hold input and target.</param>
    /// <param name="bad">What becomes of malformed rows.</param>
    /// <exception cref="UserErrorException">A file cannot be read, lacks a column, or has a malformed row; names the line.</exception>
    public static IEnumerable<Row> Read(IReadOnlyList<string> paths, DataOptions options, BadRows bad)
    {
        foreach (var path in paths)
        {
            using var reader = FileContent.OpenText(path, options.Encoding);
            foreach (var row in Read(reader, path, options, bad)) yield return row;
        }
    }

    /// <summary>Reads the content of a file, row by row.</summary>
    /// <param name="reader">The content.</param>
    /// <param name="fileName">What errors call it.</param>
    /// <param name="options">Its format, and which columns hold input and target.</param>
    /// <param name="bad">What becomes of malformed rows.</param>
    /// <exception cref="UserErrorException">It lacks a column, or has a malformed row; names the line.</exception>
    public static IEnumerable<Row> Read(TextReader reader, string fileName, DataOptions options, BadRows bad)
    {
        using var table = new ColumnFile(reader, fileName, options.Format!.Value, [options.Input!, options.Target!], bad);
        var input = table.Find(options.Input!, "data.input");
        var target = table.Find(options.Target!, "data.target");
        var key = options.Key is null ? input : table.Find(options.Key, "data.key");
        foreach (var (line, cells) in table.Rows())
            yield return new Row(new Cell(fileName, line, options.Input!, cells[input]), new Cell(fileName, line, options.Target!, cells[target]), cells[key]);
    }
}
