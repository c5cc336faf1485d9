using System.Globalization;
using System.Text.RegularExpressions;

namespace LstmCluster.Protocol;

/// <summary>One <c>--set key.path=value</c>: replaces a node of the tree before the job is read, so the value is checked like the file's.</summary>
sealed partial class JobOverride
{
    readonly string _argument;
    readonly List<Part> _path;
    readonly JobNode _value;

    JobOverride(string argument, List<Part> path, JobNode value) => (_argument, _path, _value) = (argument, path, value);

    string Place => $"--set {_argument}";

    /// <summary>Parses the argument.</summary>
    /// <param name="argument">As typed after <c>--set</c>, such as <c>model.layers[0].lstm.units=8</c>; the value is YAML.</param>
    /// <exception cref="UserErrorException">It is not <c>key.path=value</c>.</exception>
    public static JobOverride Parse(string argument)
    {
        var place = $"--set {argument}";
        var match = Syntax().Match(argument);
        if (!match.Success)
            throw UserErrorException.At(place, "expected key.path=value, such as training.steps=100");
        var path = new List<Part>();
        foreach (Capture part in match.Groups["part"].Captures)
        {
            if (part.Value[0] != '[')
                path.Add(new Part(part.Value, -1));
            else if (int.TryParse(part.Value.AsSpan(1, part.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                path.Add(new Part(null, index));
            else
                throw UserErrorException.At(place, $"{part.Value} is not a position in a list");
        }

        var value = JobYaml.Parse(match.Groups["value"].Value, _ => place) ?? new ScalarNode(place, "", IsNull: true);
        return new JobOverride(argument, path, value);
    }

    /// <summary>A copy of the tree with the value in its place; missing mappings on the way are made.</summary>
    /// <exception cref="UserErrorException">The path goes through a list without a position, or past its end.</exception>
    public JobNode Apply(JobNode root) => Replace(root, 0, "");

    JobNode Replace(JobNode? node, int depth, string path)
    {
        if (depth == _path.Count)
            return _value;
        var part = _path[depth];
        if (part.Name is null)
            return ReplaceItem(node, part.Index, depth, path);
        var here = path.Length == 0 ? part.Name : $"{path}.{part.Name}";
        if (node is SequenceNode)
            throw UserErrorException.At(Place, $"{path} is a list, expected a position such as {path}[0]");
        // A scalar in the way is the short form of a kind (`optimizer: adam`), which the longer form replaces.
        var mapping = node as MappingNode ?? new MappingNode(Place, []);
        return mapping.With(part.Name, Replace(mapping.Find(part.Name), depth + 1, here));
    }

    SequenceNode ReplaceItem(JobNode? node, int index, int depth, string path)
    {
        if (node is not SequenceNode list)
            throw UserErrorException.At(Place, $"{path} is not a list in the job file");
        if (index >= list.Items.Count)
            throw UserErrorException.At(Place, $"{path}[{index}] does not exist, the list has {list.Items.Count}");
        var item = Replace(list.Items[index], depth + 1, $"{path}[{index}]");
        return list with { Items = [.. list.Items.Select((old, i) => i == index ? item : old)] };
    }

    [GeneratedRegex(@"^(?<part>[^\.\[\]=\s]+)(?:\.(?<part>[^\.\[\]=\s]+)|(?<part>\[[0-9]+\]))*=(?<value>.*)$", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Syntax();

    readonly record struct Part(string? Name, int Index);
}
