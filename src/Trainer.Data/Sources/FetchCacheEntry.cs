using System.Security.Cryptography;
using System.Text;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>
/// One fetched file in the cache, or the files of a pattern below a folder: a directory with them and their SHA-256, which appears by one rename,
/// so two processes may fetch at once. The hash is checked at each use.
/// </summary>
sealed class FetchCacheEntry
{
    const string RecordName = ".lstm-cluster.sha256";

    readonly string _parent;
    readonly string _directory;
    readonly string _fileName;

    /// <param name="parent">Directory of the package in the cache.</param>
    /// <param name="file">Path inside the package, or a pattern; its hash makes the name unique.</param>
    public FetchCacheEntry(string parent, string file)
    {
        _parent = parent;
        _fileName = FilePattern.Is(file) ? "files" : Path.GetFileName(file);
        _directory = Path.Combine(parent, $"{_fileName}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file)))[..16]}");
    }

    /// <summary>The files below a folder of fetched ones, in ordinal order of their paths.</summary>
    public static IReadOnlyList<string> FilesIn(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    /// <summary>Path of the file, or of the folder of files, if it is there and is what was fetched, else null.</summary>
    public async Task<string?> FindAsync(Action<string>? progress, CancellationToken cancellation)
    {
        var file = Path.Combine(_directory, _fileName);
        var record = Path.Combine(_directory, RecordName);
        try
        {
            if (!Directory.Exists(_directory))
                return null;
            if (Path.Exists(file) && File.Exists(record) && await File.ReadAllTextAsync(record, cancellation) == await HashAsync(file, cancellation))
                return file;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{_directory}: the cached data cannot be read: {error.Message}", error);
        }

        progress?.Invoke($"{file} in the cache is damaged, fetching it again");
        return null;
    }

    /// <summary>Fetches into a working directory beside the entry, then puts it in place.</summary>
    /// <param name="fetch">Writes the file, or the folder of files, to its first argument; its second is a directory for whatever it needs.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="UserErrorException">The cache cannot be written, or the fetch says so.</exception>
    public async Task<string> FillAsync(Func<string, string, Task> fetch, CancellationToken cancellation)
    {
        var work = Path.Combine(_parent, $".tmp-{Guid.NewGuid():N}");
        try
        {
            var finished = Path.Combine(work, "entry");
            Directory.CreateDirectory(finished);
            var file = Path.Combine(finished, _fileName);
            await fetch(file, work);
            await File.WriteAllTextAsync(Path.Combine(finished, RecordName), await HashAsync(file, cancellation), cancellation);
            return await PutInPlaceAsync(finished, work, cancellation);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{_parent}: the data cannot be kept in the cache: {error.Message}", error);
        }
        finally
        {
            if (Directory.Exists(work))
                Directory.Delete(work, recursive: true);
        }
    }

    async Task<string> PutInPlaceAsync(string finished, string work, CancellationToken cancellation)
    {
        const int attempts = 3;
        for (var attempt = 1; ; attempt++)
        {
            // Another process may have been first; what it put there is as good, unless it is the damaged one.
            if (await FindAsync(null, cancellation) is { } present)
                return present;
            try
            {
                if (Directory.Exists(_directory))
                    Directory.Move(_directory, Path.Combine(work, $"damaged-{attempt}"));
                Directory.Move(finished, _directory);
                return Path.Combine(_directory, _fileName);
            }
            catch (IOException) when (attempt < attempts)
            {
            }
        }
    }

    static async Task<string> HashAsync(string file, CancellationToken cancellation)
    {
        if (!Directory.Exists(file)) return await HashOfFileAsync(file, cancellation);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var each in FilesIn(file))
            hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetRelativePath(file, each).Replace('\\', '/')}\n{await HashOfFileAsync(each, cancellation)}\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static async Task<string> HashOfFileAsync(string file, CancellationToken cancellation)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation));
    }
}
