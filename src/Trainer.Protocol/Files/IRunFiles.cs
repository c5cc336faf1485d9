namespace LstmCluster.Protocol;

/// <summary>
/// The file system as runs need it, so that tests can fail any operation or lose what was not flushed. Paths are as the operating system
/// has them. Failures are <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.
/// </summary>
public interface IRunFiles
{
    /// <summary>Makes a directory and its parents; one that exists is fine.</summary>
    /// <param name="path">The directory.</param>
    void CreateDirectory(string path);

    /// <summary>Writes a file, which replaces one of that name, and returns when its bytes have reached the disk.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes the content to the stream.</param>
    void Write(string path, Action<Stream> write);

    /// <summary>Opens a file for reading; the stream is seekable.</summary>
    /// <param name="path">The file.</param>
    Stream OpenRead(string path);

    /// <summary>Renames a file in one step, replacing one that has the new name.</summary>
    /// <param name="from">The file.</param>
    /// <param name="to">Its new path on the same file system.</param>
    void MoveFile(string from, string to);

    /// <summary>Renames a directory in one step; fails when the new name is taken.</summary>
    /// <param name="from">The directory.</param>
    /// <param name="to">Its new path on the same file system.</param>
    void MoveDirectory(string from, string to);

    /// <summary>Returns when the names in a directory, new, changed or gone, have reached the disk.</summary>
    /// <param name="path">The directory.</param>
    void FlushDirectory(string path);

    /// <summary>Names, without the path, of what is in a directory, in no particular order; none when it does not exist.</summary>
    /// <param name="path">The directory.</param>
    IReadOnlyList<string> List(string path);

    /// <summary>Deletes a file, or a directory with all that is in it; one that does not exist is fine.</summary>
    /// <param name="path">The file or directory.</param>
    void Delete(string path);
}

/// <summary>What can be said in terms of <see cref="IRunFiles"/>.</summary>
public static class RunFilesExtensions
{
    /// <summary>Makes a directory and its parents, and returns when the names of those that are new have reached the disk.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="path">The directory.</param>
    public static void MakeDirectory(this IRunFiles files, string path)
    {
        var parents = new Stack<string>();
        for (var at = path; Path.GetDirectoryName(at) is { } parent; at = parent)
        {
            if (files.List(parent).Contains(Path.GetFileName(at))) break;
            parents.Push(parent);
        }

        files.CreateDirectory(path);
        foreach (var parent in parents) files.FlushDirectory(parent);
    }

    /// <summary>Replaces a file so that after a crash there is either the old content or the new one, whole.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes the content to the stream.</param>
    /// <param name="writer">Tells this process's unfinished work from that of another one, which may be paused in the middle of it: letters, digits, hyphens.</param>
    public static void Replace(this IRunFiles files, string path, Action<Stream> write, string writer = "")
    {
        var temporary = TemporaryPathOf(path, writer);
        files.Write(temporary, write);
        files.MoveFile(temporary, path);
        files.FlushDirectory(Path.GetDirectoryName(path) ?? "");
    }

    /// <summary>Where a file is before it is complete: beside its place, with a dot in front.</summary>
    /// <param name="path">The file.</param>
    /// <param name="writer">Whose unfinished work it is.</param>
    public static string TemporaryPathOf(string path, string writer) =>
        Path.Combine(Path.GetDirectoryName(path) ?? "", $".{Path.GetFileName(path)}.tmp{(writer.Length > 0 ? "-" : "")}{writer}");
}
