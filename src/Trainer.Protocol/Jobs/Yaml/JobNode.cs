namespace LstmCluster.Protocol;

/// <summary>A node of a job file: YAML reduced to what a job needs, each with the place that an error about it names. Immutable.</summary>
/// <param name="Place"><c>FILE:LINE</c>, or the <c>--set</c> argument that it came from.</param>
abstract record JobNode(string Place)
{
    /// <summary>How an error message shows the node: a scalar quoted, anything else by what it is.</summary>
    public abstract string Shown { get; }
}

/// <summary>A text, number or nothing.</summary>
/// <param name="Place">See <see cref="JobNode"/>.</param>
/// <param name="Text">The scalar's text; empty for nothing.</param>
/// <param name="IsNull">True for an absent value, <c>~</c> and <c>null</c>, when not quoted.</param>
sealed record ScalarNode(string Place, string Text, bool IsNull = false) : JobNode(Place)
{
    const int LongestShown = 60;

    public override string Shown => IsNull ? "nothing" : Text.Length <= LongestShown ? $"\"{Text}\"" : $"\"{Text[..LongestShown]}...\"";
}

/// <summary>Named nodes in the order of the file.</summary>
sealed record MappingNode(string Place, IReadOnlyList<MappingEntry> Entries) : JobNode(Place)
{
    public override string Shown => "a mapping";

    public JobNode? Find(string name) => Entries.FirstOrDefault(e => e.Name == name)?.Value;

    /// <summary>A copy in which one name has this value, in its old position or at the end.</summary>
    public MappingNode With(string name, JobNode value)
    {
        var entry = new MappingEntry(name, value.Place, value);
        return Entries.Any(e => e.Name == name)
            ? this with { Entries = [.. Entries.Select(e => e.Name == name ? entry : e)] }
            : this with { Entries = [.. Entries, entry] };
    }
}

/// <summary>One entry of a mapping.</summary>
/// <param name="Name">The key.</param>
/// <param name="Place">Where the key stands.</param>
/// <param name="Value">Its value.</param>
sealed record MappingEntry(string Name, string Place, JobNode Value);

/// <summary>Nodes in order.</summary>
sealed record SequenceNode(string Place, IReadOnlyList<JobNode> Items) : JobNode(Place)
{
    public override string Shown => "a list";
}
