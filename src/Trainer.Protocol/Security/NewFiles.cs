namespace LstmCluster.Protocol;

/// <summary>Files and folders that are made together or not at all. None that exists is touched.</summary>
sealed class NewFiles : IDisposable
{
    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    const UnixFileMode Everybody = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    readonly Stack<string> _made = [];

    /// <summary>Makes a folder, and those above it, that only its owner can look into; nothing when it is there.</summary>
    public void Folder(string path)
    {
        if (Directory.Exists(path)) return;
        var above = Path.GetDirectoryName(Path.GetFullPath(path));
        if (above is not null) Folder(above);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        _made.Push(path);
    }

    /// <summary>Writes a file that everybody may read.</summary>
    public void Open(string path, string text) => Write(path, text, Everybody);

    /// <summary>Writes a file that only its owner may read.</summary>
    public void Secret(string path, string text) => Write(path, text, OwnerOnly);

    /// <summary>Keeps what was made.</summary>
    public void Keep() => _made.Clear();

    /// <summary>Takes back what was made and not kept.</summary>
    public void Dispose()
    {
        while (_made.TryPop(out var path))
        {
            if (Directory.Exists(path)) Directory.Delete(path);
            else File.Delete(path);
        }
    }

    void Write(string path, string text, UnixFileMode mode)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = mode;
        using var file = new FileStream(path, options);
        _made.Push(path);
        using var writer = new StreamWriter(file);
        writer.Write(text);
        writer.Flush();
        file.Flush(flushToDisk: true);
    }
}
