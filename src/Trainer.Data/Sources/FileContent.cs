using System.IO.Compression;
using System.Text;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Opens files of data; what goes wrong is told by the file's name.</summary>
static class FileContent
{
    const int BufferBytes = 1 << 16;
    const string StrictUnpacking = "System.IO.Compression.UseStrictValidation";

    // Without it .NET takes a packed file that ends too early for a whole one. Programs of this repository have it in their runtime configuration; others get it here.
    static FileContent()
    {
        if (!AppContext.TryGetSwitch(StrictUnpacking, out _)) AppContext.SetSwitch(StrictUnpacking, true);
    }

    /// <summary>Opens a file; one whose name ends in <c>.gz</c> is unpacked as it is read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Ends reading with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">It cannot be opened.</exception>
    public static Stream Open(string path, CancellationToken cancellation = default)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.SequentialScan);
            Stream content = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
            return cancellation.CanBeCanceled ? new InterruptibleStream(content, cancellation) : content;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, error);
        }
    }

    /// <summary>Opens a text; bytes that are no characters are an exception when they are read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoding">How bytes are characters; null for UTF-8.</param>
    /// <param name="cancellation">Ends reading with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">It cannot be opened.</exception>
    public static StreamReader OpenText(string path, TextEncoding? encoding = null, CancellationToken cancellation = default) =>
        new(Open(path, cancellation), TextEncodings.Of(encoding), detectEncodingFromByteOrderMarks: false);

    /// <summary>Reads a text to its end.</summary>
    /// <exception cref="UserErrorException">It cannot be read, or is not what its encoding says.</exception>
    public static string ReadToEnd(StreamReader reader, string path)
    {
        try
        {
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException error)
        {
            throw new UserErrorException($"{path}: is not UTF-8, expected UTF-8 text (or data.encoding: latin-1)", error);
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            throw Unreadable(path, error);
        }
    }

    /// <summary>Reads a file as a whole.</summary>
    /// <exception cref="UserErrorException">It cannot be read.</exception>
    public static byte[] ReadAll(string path) => Use(path, stream =>
    {
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    });

    /// <summary>The lines of a text, read as they are asked for, so that a file may be larger than memory.</summary>
    /// <exception cref="UserErrorException">It cannot be read, or is not UTF-8; names the line.</exception>
    public static IEnumerable<TextLine> Lines(string path, TextEncoding? encoding = null)
    {
        using var reader = OpenText(path, encoding);
        for (var number = 1; Next(reader, path, number) is { } text; number++) yield return new TextLine(number, text);
    }

    /// <summary>Does something with the content of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="use">What is done.</param>
    /// <param name="cancellation">Ends reading with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">It cannot be read.</exception>
    public static T Use<T>(string path, Func<Stream, T> use, CancellationToken cancellation = default)
    {
        using var stream = Open(path, cancellation);
        try
        {
            return use(stream);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw Unreadable(path, error);
        }
    }

    /// <summary>The error about a file that cannot be read.</summary>
    public static UserErrorException Unreadable(string path, Exception cause) => new($"{path}: the data cannot be read: {cause.Message}", cause);

    static string? Next(StreamReader reader, string path, int line)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (DecoderFallbackException error)
        {
            throw new UserErrorException($"{path}:{line}: not UTF-8 from about here on, expected UTF-8 text", error);
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            throw Unreadable(path, error);
        }
    }
}

/// <summary>A line of a file.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Text">What it holds, without its end.</param>
readonly record struct TextLine(int Number, string Text);
