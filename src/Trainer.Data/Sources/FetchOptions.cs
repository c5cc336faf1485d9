namespace LstmCluster.Data;

/// <summary>How files are fetched and where they are kept.</summary>
public sealed record FetchOptions
{
    /// <summary>The npm client: a command on the path, or a file.</summary>
    public string NpmCommand { get; init; } = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";

    /// <summary>What downloads Debian packages.</summary>
    public string AptCommand { get; init; } = "apt-get";

    /// <summary>What unpacks them.</summary>
    public string DpkgCommand { get; init; } = "dpkg-deb";

    /// <summary>Where the files of installed packages are.</summary>
    public string SystemRoot { get; init; } = "/";

    /// <summary>Time after which one call of the client is given up.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Where fetched files are kept.</summary>
    public string CacheDirectory { get; init; } = DefaultCacheDirectory();

    /// <summary>
    /// Bytes of a running text up to which its tokens are held in memory; those of a larger one are written to a file in <see cref="CacheDirectory"/> and read from there. By default 64 MiB, or an eighth of
    /// the memory that the process may use where that is less.
    /// </summary>
    public long LargestTextInMemory { get; init; } = AtMost(64 << 20);

    /// <summary>
    /// Bytes that rows, images and tables may take of memory; larger ones are written to files in <see cref="CacheDirectory"/> that are gone when the process is, and read from there. By default 256 MiB, or
    /// an eighth of the memory that the process may use where that is less.
    /// </summary>
    public long LargestRowsInMemory { get; init; } = AtMost(256 << 20);

    /// <summary>So much, or less where the process may not use much memory.</summary>
    static long AtMost(long bytes) => Math.Min(bytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8);

    static string DefaultCacheDirectory()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { } xdg && Path.IsPathRooted(xdg) ? xdg
            : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches")
            : Path.Combine(home, ".cache");
        return Path.Combine(cache, "lstm-cluster");
    }
}
