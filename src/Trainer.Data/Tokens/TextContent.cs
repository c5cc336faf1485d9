using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>A file of a text, which is gone through more than once without being held in memory.</summary>
/// <param name="Name">What errors call it.</param>
/// <param name="Open">Opens it at its beginning.</param>
sealed record TextContent(string Name, Func<Stream> Open)
{
    /// <summary>A file on this machine; one whose name ends in <c>.gz</c> is unpacked as it is read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Ends reading with an <see cref="OperationCanceledException"/>.</param>
    public static TextContent Of(string path, CancellationToken cancellation = default) => new(path, () => FileContent.Open(path, cancellation));

    /// <summary>Does something with the content.</summary>
    /// <exception cref="UserErrorException">It cannot be read.</exception>
    public T Use<T>(Func<Stream, T> use)
    {
        using var stream = Open();
        try
        {
            return use(stream);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw FileContent.Unreadable(Name, error);
        }
    }

    /// <summary>The error about a file that was not the same when it was read again.</summary>
    public UserErrorException Changed() => UserErrorException.At(Name, "has changed while it was read, expected a file that stays as it is");
}
