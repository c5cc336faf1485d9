using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace LstmCluster.Protocol;

/// <summary>The operating system's files.</summary>
public sealed class DiskRunFiles : IRunFiles
{
    const int BufferBytes = 1 << 16;

    /// <inheritdoc/>
    public void CreateDirectory(string path) => Directory.CreateDirectory(path);

    /// <inheritdoc/>
    public void Write(string path, Action<Stream> write)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes);
        write(file);
        file.Flush(flushToDisk: true);
    }

    /// <inheritdoc/>
    public Stream OpenRead(string path) => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, BufferBytes);

    /// <inheritdoc/>
    public void MoveFile(string from, string to) => File.Move(from, to, overwrite: true);

    /// <inheritdoc/>
    public void MoveDirectory(string from, string to) => Directory.Move(from, to);

    /// <inheritdoc/>
    public void FlushDirectory(string path)
    {
        // NTFS journals names itself and has no call for this.
        if (OperatingSystem.IsWindows())
            return;
        var directory = NativeMethods.Open(Encoding.UTF8.GetBytes(OrCurrent(path) + "\0"), 0);
        if (directory < 0)
            throw Failed("open", path);
        try
        {
            if (NativeMethods.Flush(directory) != 0)
                throw Failed("flush", path);
        }
        finally
        {
            _ = NativeMethods.Close(directory);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string path) =>
        Directory.Exists(OrCurrent(path)) ? [.. Directory.EnumerateFileSystemEntries(OrCurrent(path)).Select(entry => Path.GetFileName(entry))] : [];

    /// <inheritdoc/>
    public void Delete(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        else if (File.Exists(path))
            File.Delete(path);
    }

    static string OrCurrent(string path) => path.Length == 0 ? "." : path;

    static IOException Failed(string what, string path) =>
        new($"Cannot {what} directory {path}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "open", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Open(byte[] path, int flags);

        [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Flush(int descriptor);

        [DllImport("libc", EntryPoint = "close", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Close(int descriptor);
    }
}
