using LstmCluster.Protocol;

namespace LstmCluster.Simulation;

/// <summary>A process's view of the disk: what it makes visible in the run's directory is told with its name.</summary>
/// <param name="files">The disk.</param>
/// <param name="owner">Name and number of the process.</param>
/// <param name="directory">Who is told.</param>
sealed class OwnedFiles(IRunFiles files, string owner, DirectoryHasOneTerm directory) : IRunFiles
{
    public void CreateDirectory(string path) => files.CreateDirectory(path);

    public void Write(string path, Action<Stream> write) => files.Write(path, write);

    public Stream OpenRead(string path) => files.OpenRead(path);

    public void MoveFile(string from, string to)
    {
        directory.Changed(owner, to);
        files.MoveFile(from, to);
    }

    public void MoveDirectory(string from, string to)
    {
        directory.Changed(owner, to);
        files.MoveDirectory(from, to);
    }

    public void FlushDirectory(string path) => files.FlushDirectory(path);

    public IReadOnlyList<string> List(string path) => files.List(path);

    public void Delete(string path)
    {
        directory.Changed(owner, path);
        files.Delete(path);
    }
}
