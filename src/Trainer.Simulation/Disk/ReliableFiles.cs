using LstmCluster.Protocol;

namespace LstmCluster.Simulation;

/// <summary>A simulated disk as somebody sees it who reads it while it does not fail.</summary>
/// <param name="disk">The disk.</param>
sealed class ReliableFiles(SimulatedDisk disk) : IRunFiles
{
    public Stream OpenRead(string path) => Reliably(() => disk.OpenRead(path));

    public IReadOnlyList<string> List(string path) => Reliably(() => disk.List(path));

    public void CreateDirectory(string path) => throw ReadOnly();

    public void Write(string path, Action<Stream> write) => throw ReadOnly();

    public void MoveFile(string from, string to) => throw ReadOnly();

    public void MoveDirectory(string from, string to) => throw ReadOnly();

    public void FlushDirectory(string path) => throw ReadOnly();

    public void Delete(string path) => throw ReadOnly();

    T Reliably<T>(Func<T> read)
    {
        var failure = disk.Failure;
        disk.Failure = null;
        try
        {
            return read();
        }
        finally
        {
            disk.Failure = failure;
        }
    }

    static InvalidOperationException ReadOnly() => new("a checker changes nothing");
}
