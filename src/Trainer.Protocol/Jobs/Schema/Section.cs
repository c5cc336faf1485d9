using System.Globalization;

namespace LstmCluster.Protocol;

/// <summary>A mapping with known keys that is read into a record.</summary>
/// <typeparam name="T">The record.</typeparam>
/// <param name="blank">The record with its defaults; what a required key has here is never seen.</param>
/// <param name="keys">The keys, in the order in which they are written.</param>
/// <param name="check">Conditions between several keys, and defaults that depend on other keys.</param>
sealed class Section<T>(T blank, IReadOnlyList<SectionKey<T>> keys, Func<T, SectionPlaces, T>? check = null) : JobValue<T>
{
    readonly string[] _names = [.. keys.Select(k => k.Name)];

    public override string Type => "section";

    public override string Range => "";

    public override T Read(JobNode node, string path)
    {
        // `training:` with nothing below is an empty section, so that what is missing in it is named.
        var mapping = node as MappingNode ?? (node is ScalarNode { IsNull: true } ? new MappingNode(node.Place, []) : throw Expected(node, Shown(path), "a section of keys"));
        foreach (var entry in mapping.Entries)
        {
            if (!_names.Contains(entry.Name))
                throw UserErrorException.At(entry.Place, $"{Child(path, entry.Name)} is not a known key{NearestName.Hint(entry.Name, _names)}");
        }

        var value = blank;
        foreach (var key in keys)
        {
            if (mapping.Find(key.Name) is { } child)
                value = key.Read(value, child, Child(path, key.Name));
            else if (key.IsRequired)
                throw UserErrorException.At(mapping.Place, $"{Child(path, key.Name)} is missing: {key.Expectation}");
        }

        return check is null ? value : check(value, new SectionPlaces(mapping, path));
    }

    public override JobNode Write(T value) =>
        new MappingNode("", [.. keys.Select(k => (k.Name, Node: k.Write(value))).Where(k => k.Node is not null).Select(k => new MappingEntry(k.Name, "", k.Node!))]);

    public override void Describe(string path, ICollection<JobKeyDescription> descriptions)
    {
        foreach (var key in keys)
            key.Describe(blank, Child(path, key.Name), descriptions);
    }

    public override void Compare(string path, T value, bool mayChange, ICollection<JobFact> facts)
    {
        foreach (var key in keys)
            key.Compare(value, Child(path, key.Name), mayChange, facts);
    }

    static string Child(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    static string Shown(string path) => path.Length == 0 ? "a job file" : path;
}

/// <summary>Finds the place and the full name of keys for an error about several of them.</summary>
readonly record struct SectionPlaces(MappingNode Mapping, string Path)
{
    /// <summary>An error at the deepest key of a relative path that the file has.</summary>
    /// <param name="key">Path below the section, such as <c>schedule.cosine.warmup</c> or <c>layers[1].lstm.units</c>.</param>
    /// <param name="message">What follows the key's full name.</param>
    public UserErrorException Error(string key, string message)
    {
        JobNode node = Mapping;
        foreach (var step in key.Replace("[", ".[", StringComparison.Ordinal).Split('.'))
        {
            if (Child(node, step) is not { } child)
                break;
            node = child;
        }

        return UserErrorException.At(node.Place, $"{Name(key)} {message}");
    }

    /// <summary>True when the file has the key, with whatever value.</summary>
    public bool Has(string key)
    {
        JobNode? node = Mapping;
        foreach (var step in key.Split('.')) node = node is null ? null : Child(node, step);
        return node is not null;
    }

    static JobNode? Child(JobNode node, string step) => node switch
    {
        MappingNode mapping => mapping.Find(step),
        SequenceNode list when step.StartsWith('[') => list.Items[int.Parse(step.AsSpan(1, step.Length - 2), CultureInfo.InvariantCulture)],
        _ => null,
    };

    /// <summary>The full name of a key.</summary>
    public string Name(string key) => Path.Length == 0 ? key : $"{Path}.{key}";
}
