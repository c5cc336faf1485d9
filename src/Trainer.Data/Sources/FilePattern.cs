using System.IO.Enumeration;

namespace LstmCluster.Data;

/// <summary>A path that stands for several files: <c>*</c> for any part of a name, <c>?</c> for one character of it; neither crosses a slash.</summary>
static class FilePattern
{
    /// <summary>True when a path has wildcards.</summary>
    public static bool Is(string path) => path.AsSpan().ContainsAny('*', '?');

    /// <summary>True when a path with slashes is one that the pattern stands for.</summary>
    public static bool Matches(string pattern, string path)
    {
        var (expected, parts) = (pattern.Split('/'), path.Split('/'));
        return expected.Length == parts.Length && expected.Zip(parts).All(pair => MatchesName(pair.First, pair.Second));
    }

    /// <summary>The files of this machine that a pattern stands for, in ordinal order.</summary>
    /// <exception cref="IOException">A directory cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A directory must not be read.</exception>
    public static IReadOnlyList<string> Find(string pattern)
    {
        var parts = pattern.Split('/');
        IEnumerable<string> found = [pattern.StartsWith('/') ? "/" : ""];
        for (var index = pattern.StartsWith('/') ? 1 : 0; index < parts.Length; index++)
        {
            var (part, isLast) = (parts[index], index == parts.Length - 1);
            found = [.. found.SelectMany(folder => Below(folder, part, isLast))];
        }

        return [.. found.Order(StringComparer.Ordinal)];
    }

    static IEnumerable<string> Below(string folder, string part, bool isLast)
    {
        if (!Is(part))
        {
            var path = Path.Combine(folder, part);
            return isLast ? File.Exists(path) ? [path] : [] : Directory.Exists(path) ? [path] : [];
        }

        var place = folder.Length == 0 ? "." : folder;
        var names = isLast ? Directory.EnumerateFiles(place) : Directory.EnumerateDirectories(place);
        return names.Select(path => Path.GetFileName(path)).Where(name => MatchesName(part, name)).Select(name => Path.Combine(folder, name));
    }

    // A name of dots only would lead out of its directory.
    static bool MatchesName(string pattern, string name) => name is not ("" or "." or "..") && FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
}
