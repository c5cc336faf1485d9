using System.Formats.Tar;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>One file of a Debian package, or several: of the system where the package is installed, else downloaded with apt, whose signatures vouch for it.</summary>
/// <param name="Package">Name of the package.</param>
/// <param name="File">Path in the system, without the first slash; with <c>*</c> and <c>?</c> for several.</param>
public sealed record DebianSource(string Package, string File) : DataSource
{
    /// <inheritdoc/>
    public override async Task<IReadOnlyList<string>> ResolveAllAsync(FetchOptions fetching, Action<string>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(fetching);
        if (FilePattern.Find(Path.Combine(fetching.SystemRoot, File)) is { Count: > 0 } installed) return installed;
        var entry = new FetchCacheEntry(Path.Combine(fetching.CacheDirectory, "debian", Package), File);
        var content = await entry.FindAsync(progress, cancellation);
        if (content is null)
        {
            progress?.Invoke($"fetching the Debian package {Package} ...");
            content = await entry.FillAsync((target, work) => FetchAsync(fetching, target, work, cancellation), cancellation);
        }

        return FilePattern.Is(File) ? FetchCacheEntry.FilesIn(content) : [content];
    }

    /// <summary>The source as a job file has it.</summary>
    public override string ToString() => $"deb:{Package}#{File}";

    async Task FetchAsync(FetchOptions fetching, string target, string work, CancellationToken cancellation)
    {
        var tool = new PackageTool(this, $"install it (apt-get install {Package}), or download {File} of it yourself and give its path as data.source", fetching.TimeLimit, work);
        await tool.RunAsync(fetching.AptCommand, ["download", Package], cancellation);
        if (Directory.GetFiles(work, "*.deb") is not [var archive]) throw tool.Error($"{fetching.AptCommand} download left no package");
        var tar = Path.Combine(work, "package.tar");
        await tool.RunAsync(fetching.DpkgCommand, ["--fsys-tarfile", archive], cancellation, tar);
        try
        {
            using var stream = System.IO.File.OpenRead(tar);
            await ArchiveFiles.ExtractAsync(new TarReader(stream), File, name => name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name, target, tool.Error, cancellation);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new UserErrorException($"data.source {this}: the package is not a valid archive", error);
        }
    }
}
