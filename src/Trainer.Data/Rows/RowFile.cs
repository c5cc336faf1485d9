using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Reads the rows of a TSV or CSV file whose first line names the columns.</summary>
static class RowFile
{
    /// <summary>Reads a file, row by row.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Its format, and which columns hold input and target.</param>
    /// <exception cref="UserErrorException">The file cannot be read, lacks a column, or has a malformed row; names the line.</exception>
    public static IEnumerable<Row> Read(string path, DataOptions options)
    {
        using var reader = Open(path);
        foreach (var row in Read(reader, path, options)) yield return row;
    }

    /// <summary>Reads the content of a file, row by row.</summary>
    /// <param name="reader">The content.</param>
    /// <param name="fileName">What errors call it.</param>
    /// <param name="options">Its format, and which columns hold input and target.</param>
    /// <exception cref="UserErrorException">It lacks a column, or has a malformed row; names the line.</exception>
    public static IEnumerable<Row> Read(TextReader reader, string fileName, DataOptions options)
    {
        using var parser = new CsvParser(reader, Configuration(options.Format!.Value), leaveOpen: true);
        if (NextRow(parser, fileName) is not { } header)
            throw UserErrorException.At(fileName, $"the file is empty, expected a line with the names of the columns, \"{options.Input}\" and \"{options.Target}\" among them");
        var input = Find(header.Cells, options.Input!, "data.input", $"{fileName}:{header.Line}");
        var target = Find(header.Cells, options.Target!, "data.target", $"{fileName}:{header.Line}");
        while (NextRow(parser, fileName) is var (cells, line))
        {
            if (cells.Length != header.Cells.Length)
                throw UserErrorException.At($"{fileName}:{line}", $"{Count(cells.Length, "cell")}, expected {header.Cells.Length} as in the first line");
            yield return new Row(new Cell(fileName, line, options.Input!, cells[input]), new Cell(fileName, line, options.Target!, cells[target]));
        }
    }

    static CsvConfiguration Configuration(DataFormat format) => new(CultureInfo.InvariantCulture)
    {
        Delimiter = format == DataFormat.Csv ? "," : "\t",
        Mode = format == DataFormat.Csv ? CsvMode.RFC4180 : CsvMode.NoEscape,
    };

    static (string[] Cells, int Line)? NextRow(CsvParser parser, string fileName)
    {
        try
        {
            if (!parser.Read()) return null;

            // The parser counts the lines that it has read; a quoted cell may hold some of them.
            var line = parser.RawRow - parser.RawRecord.AsSpan().TrimEnd("\r\n").Count('\n');
            return (parser.Record!, line);
        }
        catch (BadDataException error)
        {
            throw new UserErrorException($"{fileName}:{parser.RawRow}: a quote stands where none may, expected cells in quotes as a whole, with quotes within doubled (or data.format: tsv)", error);
        }
        catch (DecoderFallbackException error)
        {
            throw new UserErrorException($"{fileName}:{parser.RawRow + 1}: not UTF-8 from about here on, expected UTF-8 text", error);
        }
        catch (IOException error)
        {
            throw new UserErrorException($"{fileName}: the data cannot be read: {error.Message}", error);
        }
    }

    static int Find(string[] header, string name, string key, string place)
    {
        var index = Array.IndexOf(header, name);
        if (index < 0)
            throw UserErrorException.At(place, $"no column is named \"{name}\" ({key}), there are {string.Join(", ", header.Select(Cell.Show))}");
        if (Array.LastIndexOf(header, name) != index)
            throw UserErrorException.At(place, $"two columns are named \"{name}\" ({key}), expected one");
        return index;
    }

    static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";

    static StreamReader Open(string path)
    {
        try
        {
            return new StreamReader(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path}: the data cannot be read: {error.Message}", error);
        }
    }
}
