using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Other names for classes and tags, from a file with a name, a tab and its other name in each line; empty lines and those that begin with <c># </c> are passed over.</summary>
sealed class NameMap
{
    readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    readonly string _file;

    NameMap(string file) => _file = file;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file; null for names that stay as they are.</param>
    /// <exception cref="UserErrorException">It cannot be read, or a line is malformed; names the line.</exception>
    public static NameMap? Read(string? path)
    {
        if (path is null) return null;
        if (!File.Exists(path)) throw new UserErrorException($"data.targetMap {path} does not exist, expected a file (relative to {Directory.GetCurrentDirectory()})");
        var map = new NameMap(path);
        foreach (var line in FileContent.Lines(path))
        {
            if (line.Text.Length == 0 || line.Text.StartsWith("# ", StringComparison.Ordinal)) continue;
            if (line.Text.Split('\t') is not [{ Length: > 0 } name, { Length: > 0 } other])
                throw UserErrorException.At($"{path}:{line.Number}", $"holds {Cell.Show(line.Text)}, expected a name, a tab and its other name");
            if (!map._names.TryAdd(name, other)) throw UserErrorException.At($"{path}:{line.Number}", $"\"{name}\" is there twice, expected each name once");
        }

        return map;
    }

    /// <summary>The other name of a name in a cell.</summary>
    /// <exception cref="UserErrorException">The file has none.</exception>
    public string Of(string name, in Cell cell) =>
        _names.TryGetValue(name, out var other) ? other : throw cell.Error($"has {Cell.Show(name)}, which {_file} (data.targetMap) has no other name for");
}
