using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace LstmCluster.Protocol;

/// <summary>YAML text to <see cref="JobNode"/>s; every error is one line with its place.</summary>
static class JobYaml
{
    const int DeepestNesting = 64;

    /// <summary>Parses one YAML document.</summary>
    /// <param name="text">The document.</param>
    /// <param name="place">Place of a line, counted from 1.</param>
    /// <returns>The root, or null when the text has no document.</returns>
    /// <exception cref="UserErrorException">Syntax, a duplicate key, several documents, or an alias inside its own anchor.</exception>
    public static JobNode? Parse(string text, Func<long, string> place)
    {
        RefuseDeepNesting(text, place);
        var stream = new YamlStream();
        var parser = new Parser(new StringReader(text));
        try
        {
            stream.Load(parser);
        }
        catch (Exception error) when (IsSyntax(error))
        {
            throw Syntax(text, place, error, parser);
        }

        if (stream.Documents.Count > 1)
            throw UserErrorException.At(place(stream.Documents[1].RootNode.Start.Line), "a second YAML document begins here, expected one");
        return stream.Documents.Count == 0 ? null : new Conversion(place).Convert(stream.Documents[0].RootNode);
    }

    /// <summary>Loading recurses, so its depth is bounded first by a pass that does not.</summary>
    static void RefuseDeepNesting(string text, Func<long, string> place)
    {
        var parser = new Parser(new StringReader(text));
        var depth = 0;
        try
        {
            while (parser.MoveNext())
            {
                depth += parser.Current!.NestingIncrease;
                if (depth > DeepestNesting)
                    throw UserErrorException.At(place(parser.Current.Start.Line), $"more than {DeepestNesting} levels of nesting, expected a job file");
            }
        }
        catch (Exception error) when (IsSyntax(error))
        {
            throw Syntax(text, place, error, parser);
        }
    }

    // On some texts the library's scanner runs into its own guards instead of reporting a YamlException.
    static bool IsSyntax(Exception error) => error is YamlException or InvalidOperationException or ArgumentException or FormatException or IndexOutOfRangeException;

    static UserErrorException Syntax(string text, Func<long, string> place, Exception error, Parser parser)
    {
        if (error is not YamlException yaml)
            return new UserErrorException($"{place(Math.Max(1, parser.Current?.End.Line ?? 1))}: not valid YAML from here on", error);
        var line = Math.Max(1, yaml.Start.Line);
        if (!error.Message.Contains("uplicate key", StringComparison.Ordinal))
            return new UserErrorException($"{place(line)}: not valid YAML: {error.Message}", error);
        // The library's message does not always name the key, its mark does.
        var rest = text.Split('\n')[(int)line - 1][((int)yaml.Start.Column - 1)..];
        return new UserErrorException($"{place(line)}: key \"{rest.Split(':')[0].Trim()}\" is given twice", error);
    }

    /// <summary>Copies a document's nodes. An anchor is converted once, so many aliases cost nothing; one in a circle is refused.</summary>
    sealed class Conversion(Func<long, string> place)
    {
        readonly Dictionary<YamlNode, JobNode?> _seen = new(ReferenceEqualityComparer.Instance);

        public JobNode Convert(YamlNode node, long? keyLine = null)
        {
            if (_seen.TryGetValue(node, out var seen))
                return seen ?? throw UserErrorException.At(place(node.Start.Line), "an alias stands inside its own anchor");
            _seen[node] = null;
            // A missing key is looked for where its section is named, so containers carry the line of their key.
            var here = place(node is YamlScalarNode ? node.Start.Line : keyLine ?? node.Start.Line);
            JobNode converted = node switch
            {
                YamlScalarNode scalar => new ScalarNode(here, scalar.Value ?? "", IsNull(scalar)),
                YamlSequenceNode list => new SequenceNode(here, [.. list.Children.Select(item => Convert(item))]),
                YamlMappingNode mapping => new MappingNode(here, [.. mapping.Children.Select(e => Entry(e.Key, e.Value))]),
                _ => throw UserErrorException.At(here, $"unsupported YAML ({node.NodeType.ToString().ToLower(CultureInfo.InvariantCulture)})"),
            };
            _seen[node] = converted;
            return converted;
        }

        MappingEntry Entry(YamlNode key, YamlNode value)
        {
            var here = place(key.Start.Line);
            if (key is not YamlScalarNode name)
                throw UserErrorException.At(here, "a key must be a plain word");
            return new MappingEntry(name.Value ?? "", here, Convert(value, key.Start.Line));
        }

        static bool IsNull(YamlScalarNode scalar) =>
            scalar.Style is ScalarStyle.Plain or ScalarStyle.Any && scalar.Value is null or "" or "~" or "null";
    }
}
