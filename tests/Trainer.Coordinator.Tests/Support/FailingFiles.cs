using LstmCluster.Protocol;

namespace Trainer.Coordinator.Tests;

/// <summary>The real file system, whose writes fail while a test says so.</summary>
sealed class FailingFiles : IRunFiles
{
    readonly DiskRunFiles _disk = new();

    public string? Failure { get; set; }

    /// <summary>What removing something that is there fails with.</summary>
    public string? DeleteFailure { get; set; }

    public void CreateDirectory(string path) => _disk.CreateDirectory(path);

    public void Write(string path, Action<Stream> write)
    {
        if (Failure is not null) throw new IOException(Failure);
        _disk.Write(path, write);
    }

    public Stream OpenRead(string path) => _disk.OpenRead(path);

    public void MoveFile(string from, string to) => _disk.MoveFile(from, to);

    public void MoveDirectory(string from, string to) => _disk.MoveDirectory(from, to);

    public void FlushDirectory(string path) => _disk.FlushDirectory(path);

    public IReadOnlyList<string> List(string path) => _disk.List(path);

    public void Delete(string path)
    {
        if (DeleteFailure is not null && Path.Exists(path)) throw new IOException(DeleteFailure);
        _disk.Delete(path);
    }
}
