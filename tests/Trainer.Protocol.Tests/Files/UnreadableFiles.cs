using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

/// <summary>A disk that takes everything and of which some files cannot be read.</summary>
/// <param name="files">The disk.</param>
/// <param name="part">Part of the path of what cannot be read; empty for all.</param>
sealed class UnreadableFiles(IRunFiles files, string part = "") : IRunFiles
{
    public void CreateDirectory(string path) => files.CreateDirectory(path);

    public void Write(string path, Action<Stream> write) => files.Write(path, write);

    public Stream OpenRead(string path) => path.Contains(part, StringComparison.Ordinal) ? throw new IOException("Input/output error") : files.OpenRead(path);

    public void MoveFile(string from, string to) => files.MoveFile(from, to);

    public void MoveDirectory(string from, string to) => files.MoveDirectory(from, to);

    public void FlushDirectory(string path) => files.FlushDirectory(path);

    public IReadOnlyList<string> List(string path) => files.List(path);

    public void Delete(string path) => files.Delete(path);
}
