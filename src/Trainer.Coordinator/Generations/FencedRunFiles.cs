using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>A run directory that only the present coordinator can change: every change is behind the fence.</summary>
/// <remarks>
/// Between the look and the change a process may still be paused. What it does then is a rename within its own term's files, or the removal of what is
/// superfluous in every term: checkpoints have the same bits whoever writes them, of one that is there nothing is replaced but what validations have shown after it, which is the same for
/// everybody too, and temporary names carry the term.
/// </remarks>
/// <param name="files">The file system.</param>
/// <param name="fence">Asked before each change.</param>
public sealed class FencedRunFiles(IRunFiles files, RunFence fence) : IRunFiles
{
    /// <inheritdoc/>
    public void CreateDirectory(string path) => Open().CreateDirectory(path);

    /// <inheritdoc/>
    public void Write(string path, Action<Stream> write) => Open().Write(path, write);

    /// <inheritdoc/>
    public Stream OpenRead(string path) => files.OpenRead(path);

    /// <inheritdoc/>
    public void MoveFile(string from, string to) => Open().MoveFile(from, to);

    /// <inheritdoc/>
    public void MoveDirectory(string from, string to) => Open().MoveDirectory(from, to);

    /// <inheritdoc/>
    public void FlushDirectory(string path) => files.FlushDirectory(path);

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string path) => files.List(path);

    /// <inheritdoc/>
    public void Delete(string path) => Open().Delete(path);

    IRunFiles Open()
    {
        fence.Check();
        return files;
    }
}
