using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>A file with cells between separators and the names of the columns in its first line.</summary>
sealed class ColumnFile : IDisposable
{
    readonly CsvParser _parser;
    readonly string _fileName;
    readonly BadRows _bad;
    readonly string[] _header;
    readonly int _headerLine;
    bool _hasBadQuote;

    /// <summary>Reads the first line.</summary>
    /// <param name="reader">The content.</param>
    /// <param name="fileName">What errors call it.</param>
    /// <param name="format">What separates cells.</param>
    /// <param name="expected">Columns that an error about an empty file names.</param>
    /// <param name="bad">What becomes of malformed rows.</param>
    /// <exception cref="UserErrorException">It is empty, or cannot be read.</exception>
    public ColumnFile(TextReader reader, string fileName, DataFormat format, IReadOnlyList<string> expected, BadRows bad)
    {
        (_parser, _fileName, _bad) = (new CsvParser(reader, Configuration(format), leaveOpen: true), fileName, bad);
        if (NextRow() is not { } header)
            throw UserErrorException.At(fileName, $"the file is empty, expected a line with the names of the columns, {string.Join(" and ", expected.Select(name => $"\"{name}\""))} among them");
        (_header, _headerLine, var hasBadQuote) = header;
        if (hasBadQuote) throw BadQuote(_headerLine);
    }

    /// <summary>The rows, read as they are asked for.</summary>
    /// <exception cref="UserErrorException">A row is malformed.</exception>
    public IEnumerable<(int Line, string[] Cells)> Rows()
    {
        while (NextRow() is var (cells, line, hasBadQuote))
        {
            if (hasBadQuote) _bad.Take(BadQuote(line));
            else if (cells.Length == _header.Length) yield return (line, cells);
            else _bad.Take(UserErrorException.At($"{_fileName}:{line}", $"{Count(cells.Length, "cell")}, expected {_header.Length} as in the first line"));
        }
    }

    /// <summary>Frees the parser; the reader stays open.</summary>
    public void Dispose() => _parser.Dispose();

    /// <summary>Place of a column.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="key">The job's key that asks for it.</param>
    /// <exception cref="UserErrorException">There is none with this name, or two.</exception>
    public int Find(string name, string key)
    {
        var index = Array.IndexOf(_header, name);
        if (index < 0)
            throw UserErrorException.At($"{_fileName}:{_headerLine}", $"no column is named \"{name}\" ({key}), there are {string.Join(", ", _header.Select(Cell.Show))}");
        if (Array.LastIndexOf(_header, name) != index)
            throw UserErrorException.At($"{_fileName}:{_headerLine}", $"two columns are named \"{name}\" ({key}), expected one");
        return index;
    }

    CsvConfiguration Configuration(DataFormat format) => new(CultureInfo.InvariantCulture)
    {
        Delimiter = format == DataFormat.Csv ? "," : "\t",
        Mode = format == DataFormat.Csv ? CsvMode.RFC4180 : CsvMode.NoEscape,
        BadDataFound = _ => _hasBadQuote = true,
    };

    (string[] Cells, int Line, bool HasBadQuote)? NextRow()
    {
        var (parser, fileName) = (_parser, _fileName);
        try
        {
            if (!parser.Read()) return null;
            _hasBadQuote = false;
            var cells = parser.Record!;

            // The parser counts the lines that it has read; a quoted cell may hold some of them, and one whose quote is never closed all that are left.
            var record = parser.RawRecord.AsSpan();
            var isClosed = !_hasBadQuote || !cells[^1].EndsWith('\n');
            return (cells, parser.RawRow - (isClosed ? record.TrimEnd("\r\n") : record).Count('\n'), _hasBadQuote);
        }
        catch (DecoderFallbackException error)
        {
            throw new UserErrorException($"{fileName}:{parser.RawRow + 1}: not UTF-8 from about here on, expected UTF-8 text", error);
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            throw FileContent.Unreadable(fileName, error);
        }
    }

    UserErrorException BadQuote(int line) =>
        UserErrorException.At($"{_fileName}:{line}", "a quote stands where none may, expected cells in quotes as a whole, with quotes within doubled (or data.format: tsv)");

    static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";
}
