namespace LstmCluster.Protocol;

/// <summary>A list with at least one item and at most as many as given.</summary>
sealed class ListOf<T>(JobValue<T> item, int maximum) : JobValue<ValueList<T>>
{
    /// <summary>False where the documentation of another list says what an item is.</summary>
    public bool DescribesItems { get; init; } = true;

    public override string Type => "list";

    public override string Range => $"1 to {maximum} items, each {(item.Type == "one of" ? "one of" : item.Type)} {item.Range}".TrimEnd();

    public override ValueList<T> Read(JobNode node, string path)
    {
        if (node is not SequenceNode list)
            throw Expected(node, path, "a list");
        if (list.Items.Count == 0 || list.Items.Count > maximum)
            throw UserErrorException.At(node.Place, $"{path} must be a list of 1 to {maximum} items, got {list.Items.Count}");
        return [.. list.Items.Select((child, i) => item.Read(child, $"{path}[{i}]"))];
    }

    public override JobNode Write(ValueList<T> value) => new SequenceNode("", [.. value.Select(item.Write)]);

    public override void Describe(string path, ICollection<JobKeyDescription> keys)
    {
        if (DescribesItems) item.Describe($"{path}[]", keys);
    }

    public override void Compare(string path, ValueList<T> value, bool mayChange, ICollection<JobFact> facts)
    {
        facts.Add(new JobFact(path, value.Count == 1 ? "1 item" : $"{value.Count} items", mayChange));
        for (var i = 0; i < value.Count; i++)
            item.Compare($"{path}[{i}]", value[i], mayChange, facts);
    }
}
