using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace LstmCluster.Protocol;

/// <summary><see cref="JobNode"/>s to YAML text.</summary>
static partial class NodeText
{
    /// <summary>One line, as for a table or a message: <c>{ adam: { rate: 0.002 } }</c>.</summary>
    public static string Flow(JobNode node) => node switch
    {
        ScalarNode scalar => scalar.Text,
        SequenceNode list => $"[{string.Join(", ", list.Items.Select(Flow))}]",
        MappingNode { Entries.Count: 0 } => "{}",
        MappingNode mapping => $"{{ {string.Join(", ", mapping.Entries.Select(e => $"{e.Name}: {Flow(e.Value)}"))} }}",
        _ => throw new ArgumentException($"Unknown node {node.GetType().Name}.", nameof(node)),
    };

    /// <summary>A whole document in block style.</summary>
    public static string Block(JobNode root)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text, EmitterSettings.Default.WithBestWidth(int.MaxValue).WithNewLine("\n"));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart());
        Emit(emitter, root);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    static void Emit(Emitter emitter, JobNode node)
    {
        switch (node)
        {
            case ScalarNode scalar:
                // Quotes wherever a plain scalar could read as something else.
                var style = PlainSafe().IsMatch(scalar.Text) && scalar.Text != "null" ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted;
                emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, scalar.Text, style, isPlainImplicit: true, isQuotedImplicit: true));
                break;
            case SequenceNode list:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Block));
                foreach (var item in list.Items)
                    Emit(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            case MappingNode mapping:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, MappingStyle.Block));
                foreach (var entry in mapping.Entries)
                {
                    emitter.Emit(new Scalar(entry.Name));
                    Emit(emitter, entry.Value);
                }

                emitter.Emit(new MappingEnd());
                break;
        }
    }

    [GeneratedRegex(@"\A(?!.*(: | #|  ))[A-Za-z0-9][A-Za-z0-9._/@#:+ \-]*(?<![ :])\z|\A-[0-9.][0-9.eE+\-]*\z")]
    private static partial Regex PlainSafe();
}
