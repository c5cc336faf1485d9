using LstmCluster.Protocol;
using Microsoft.Win32.SafeHandles;

namespace LstmCluster.Data;

/// <summary>A file that nobody else sees, for what does not fit into memory: it is gone when this is, or the process, however that ends.</summary>
/// <remarks>One thread writes. What is flushed any number of threads may read. Closed by the garbage collector too, so that data need not be disposed of.</remarks>
sealed class SpoolFile : IDisposable
{
    const int BlockBytes = 1 << 16;

    readonly SafeFileHandle _file;
    readonly string _directory;
    readonly byte[] _block = new byte[BlockBytes];
    long _written;
    int _used;

    /// <param name="file">An empty file that can be written and read; becomes this one's own.</param>
    /// <param name="directory">What errors call its place.</param>
    internal SpoolFile(SafeFileHandle file, string directory) => (_file, _directory) = (file, directory);

    /// <summary>Bytes that were appended.</summary>
    public long Length => _written + _used;

    /// <summary>Makes a file.</summary>
    /// <param name="directory">Where; made if it is not there.</param>
    /// <exception cref="UserErrorException">It cannot be made; names the directory.</exception>
    public static SpoolFile Create(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            var path = Path.Combine(directory, $"{Guid.NewGuid():N}.tmp");
            var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None);

            // Elsewhere a file lives on without its name, and the system frees it with the last handle. What deletes on close there would not run in a process that is killed.
            if (!OperatingSystem.IsWindows()) File.Delete(path);
            return new SpoolFile(file, directory);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Refused(directory, error);
        }
    }

    /// <summary>Writes behind what was written.</summary>
    /// <exception cref="UserErrorException">There is no room; names the directory.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BlockBytes - _used) Flush();
        if (bytes.Length > BlockBytes)
        {
            WriteAt(_written, bytes);
            _written += bytes.Length;
            return;
        }

        bytes.CopyTo(_block.AsSpan(_used));
        _used += bytes.Length;
    }

    /// <summary>Writes at a place, at once.</summary>
    /// <param name="offset">The place; where nothing was appended.</param>
    /// <param name="bytes">What is written there.</param>
    /// <exception cref="UserErrorException">There is no room; names the directory.</exception>
    public void WriteAt(long offset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_file, bytes, offset);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Refused(_directory, error);
        }
    }

    /// <summary>Makes all that was appended readable.</summary>
    /// <exception cref="UserErrorException">There is no room; names the directory.</exception>
    public void Flush()
    {
        WriteAt(_written, _block.AsSpan(0, _used));
        _written += _used;
        _used = 0;
    }

    /// <summary>Fills a span from a place.</summary>
    /// <exception cref="EndOfStreamException">Less was flushed.</exception>
    public void Read(long offset, Span<byte> target) => RandomAccessExtensions.ReadExactly(_file, target, offset);

    /// <summary>Removes the file.</summary>
    public void Dispose() => _file.Dispose();

    static UserErrorException Refused(string directory, Exception error) => new(
        $"{directory}: what does not fit into memory cannot be kept there: {error.Message}; make room, or have another directory by the environment variable XDG_CACHE_HOME", error);
}
