using System.Text;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>An input in a file.</summary>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Text">The input.</param>
public readonly record struct InputRow(int Line, string Text);

/// <summary>Reads inputs one by one, each as soon as its line is there.</summary>
public static class InputRows
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="data">Format and name of the column, as in training.</param>
    /// <param name="plain">True when each line is an input, without a header.</param>
    /// <exception cref="UserErrorException">It cannot be read, lacks the column, or has a malformed row; names the line.</exception>
    public static IEnumerable<InputRow> ReadFile(string path, DataOptions data, bool plain)
    {
        ArgumentNullException.ThrowIfNull(data);
        using var reader = OpenFile(path, data);
        foreach (var row in Read(reader, path, data, plain)) yield return row;
    }

    /// <summary>Reads a stream.</summary>
    /// <param name="stream">The stream; it stays the caller's.</param>
    /// <param name="fileName">What errors call it.</param>
    /// <param name="data">Format and name of the column, as in training.</param>
    /// <param name="plain">True when each line is an input, without a header.</param>
    /// <exception cref="UserErrorException">It lacks the column, or has a malformed row; names the line.</exception>
    public static IEnumerable<InputRow> Read(Stream stream, string fileName, DataOptions data, bool plain)
    {
        ArgumentNullException.ThrowIfNull(data);
        using var reader = OpenStream(stream, data);
        foreach (var row in Read(reader, fileName, data, plain)) yield return row;
    }

    /// <summary>Opens a file as a text.</summary>
    /// <param name="path">The file.</param>
    /// <param name="data">How its bytes are characters.</param>
    /// <exception cref="UserErrorException">It cannot be opened.</exception>
    public static TextReader OpenFile(string path, DataOptions data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return FileContent.OpenText(path, data.Encoding);
    }

    /// <summary>Opens a stream as a text, of which a line can be read as soon as it is there.</summary>
    /// <param name="stream">The stream; it stays the caller's.</param>
    /// <param name="data">How its bytes are characters.</param>
    /// <remarks>The stream is asked for more only when all that came before has been read.</remarks>
    public static TextReader OpenStream(Stream stream, DataOptions data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return new PromptText(stream, TextEncodings.Of(data.Encoding));
    }

    static IEnumerable<InputRow> Read(TextReader reader, string fileName, DataOptions data, bool plain) =>
        plain || data is not { Format: { } format and (DataFormat.Csv or DataFormat.Tsv), Input: { } input } ? Lines(reader, fileName) : Cells(reader, fileName, format, input);

    static IEnumerable<InputRow> Cells(TextReader reader, string fileName, DataFormat format, string input)
    {
        using var table = new ColumnFile(reader, fileName, format, [input], new BadRows(MalformedRows.Fail));
        var column = table.Find(input, "data.input");
        foreach (var (line, cells) in table.Rows()) yield return new InputRow(line, cells[column]);
    }

    static IEnumerable<InputRow> Lines(TextReader reader, string fileName)
    {
        for (var line = 1; NextLine(reader, fileName, line) is { } text; line++) yield return new InputRow(line, text);
    }

    static string? NextLine(TextReader reader, string fileName, int line)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (DecoderFallbackException error)
        {
            throw new UserErrorException($"{fileName}:{line}: not UTF-8 from about here on, expected UTF-8 text", error);
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            throw FileContent.Unreadable(fileName, error);
        }
    }
}
