using YamlDotNet.RepresentationModel;

namespace Trainer.Cli.Tests.Deployment;

/// <summary>The files of <c>deploy/</c>, as trees of YAML.</summary>
static class Manifests
{
    /// <summary>A file of the repository.</summary>
    public static string PathOf(params string[] parts)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "LstmCluster.sln"))) folder = folder.Parent ?? throw new InvalidOperationException("the tests must run within the repository");
        return Path.Combine([folder.FullName, .. parts]);
    }

    /// <summary>Every document of a file.</summary>
    public static IReadOnlyList<YamlMappingNode> Read(params string[] parts)
    {
        using var reader = new StreamReader(PathOf(parts));
        var stream = new YamlStream();
        stream.Load(reader);
        return [.. stream.Documents.Select(document => (YamlMappingNode)document.RootNode)];
    }

    /// <summary>What stands at a path of keys; null when something on the way is not there.</summary>
    public static YamlNode? At(this YamlNode node, params string[] keys)
    {
        YamlNode? at = node;
        foreach (var key in keys)
        {
            at = (at as YamlMappingNode)?.Children.FirstOrDefault(child => child.Key.ToString() == key).Value;
            if (at is null) return null;
        }

        return at;
    }

    /// <summary>A scalar.</summary>
    public static string Text(this YamlNode node, params string[] keys) =>
        (node.At(keys) as YamlScalarNode)?.Value ?? throw new InvalidOperationException($"there is no {string.Join('.', keys)}");

    /// <summary>The items of a list; none when it is not there.</summary>
    public static IEnumerable<YamlNode> Items(this YamlNode node, params string[] keys) => (node.At(keys) as YamlSequenceNode)?.Children ?? [];

    /// <summary>A mapping of texts.</summary>
    public static Dictionary<string, string> Texts(this YamlNode node, params string[] keys) =>
        node.At(keys) is YamlMappingNode map ? map.Children.ToDictionary(child => child.Key.ToString(), child => child.Value.ToString()) : [];
}
