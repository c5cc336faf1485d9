using System.Formats.Tar;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Takes one file out of an archive, or those that a pattern stands for.</summary>
static class ArchiveFiles
{
    /// <summary>Writes the file, or a folder with the files.</summary>
    /// <param name="tar">The archive.</param>
    /// <param name="wanted">Path of the file in the archive, or a pattern.</param>
    /// <param name="nameOf">The path that the name of an entry means; null for one that is of no interest.</param>
    /// <param name="target">The file, or the folder.</param>
    /// <param name="error">Makes an error about the archive.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="UserErrorException">It is not there, or is no plain file.</exception>
    public static async Task ExtractAsync(TarReader tar, string wanted, Func<string, string?> nameOf, string target, Func<string, UserErrorException> error, CancellationToken cancellation)
    {
        var isPattern = FilePattern.Is(wanted);
        var found = 0;
        if (isPattern) Directory.CreateDirectory(target);
        while (await tar.GetNextEntryAsync(cancellationToken: cancellation) is { } entry)
        {
            if (nameOf(entry.Name) is not { } name || !(isPattern ? FilePattern.Matches(wanted, name) : name == wanted)) continue;
            var isFile = entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile;
            if (!isFile && !isPattern) throw error($"{wanted} is not a plain file in the package");
            if (!isFile) continue;

            // One target is ours; a name that becomes a path has as many parts as the pattern, and none of them leads elsewhere.
            if (isPattern && name.AsSpan().ContainsAny('\\', ':', '\0')) throw error($"{name} in the package is no name that a file can have everywhere");
            await WriteAsync(entry, isPattern ? Path.Combine(target, name) : target, cancellation);
            found++;
            if (!isPattern) return;
        }

        if (found == 0) throw error($"the package has no file {wanted}; correct data.source");
    }

    static async Task WriteAsync(TarEntry entry, string target, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        await using var file = File.Create(target);
        if (entry.DataStream is { } data) await data.CopyToAsync(file, cancellation);
    }
}
