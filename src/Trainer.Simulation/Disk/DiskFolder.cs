namespace LstmCluster.Simulation;

/// <summary>The names in a directory as programs see them, and the changes that the disk does not have yet.</summary>
sealed class DiskFolder
{
    readonly SortedDictionary<string, object> _disk = new(StringComparer.Ordinal);
    readonly List<NameChange> _unflushed = [];

    public SortedDictionary<string, object> Now { get; } = new(StringComparer.Ordinal);

    public void Change(NameChange change)
    {
        change.ApplyTo(Now);
        _unflushed.Add(change);
    }

    public void Flush()
    {
        foreach (var change in _unflushed) change.ApplyTo(_disk);
        _unflushed.Clear();
    }

    /// <summary>What is left after a crash.</summary>
    /// <param name="random">Draws which of the unflushed changes have reached the disk; null for none.</param>
    public DiskFolder OnDisk(Random? random)
    {
        var names = new SortedDictionary<string, object>(_disk, StringComparer.Ordinal);
        if (random is not null) Reorder(names, random);
        var kept = new DiskFolder();
        foreach (var (name, node) in names)
            kept.Now[name] = kept._disk[name] = node is DiskFolder folder ? folder.OnDisk(random) : ((DiskFile)node).OnDisk(random);
        return kept;
    }

    public DiskFolder Copy()
    {
        var copies = new Dictionary<object, object>();
        object CopyOf(object node)
        {
            if (!copies.TryGetValue(node, out var copy)) copies.Add(node, copy = node is DiskFolder folder ? folder.Copy() : ((DiskFile)node).Copy());
            return copy;
        }

        var twin = new DiskFolder();
        foreach (var (name, node) in Now) twin.Now.Add(name, CopyOf(node));
        foreach (var (name, node) in _disk) twin._disk.Add(name, CopyOf(node));
        twin._unflushed.AddRange(_unflushed.Select(change => change with { Node = change.Node is null ? null : CopyOf(change.Node) }));
        return twin;
    }

    /// <summary>Any of the changes may be missing; but what happened to a name after a change that is missing is missing as well.</summary>
    void Reorder(SortedDictionary<string, object> names, Random random)
    {
        var lost = new HashSet<string>();
        foreach (var change in _unflushed)
        {
            if (random.Next(2) == 0 && !change.Touches(lost))
            {
                change.ApplyTo(names);
                continue;
            }

            if (change.From is not null) lost.Add(change.From);
            if (change.To is not null) lost.Add(change.To);
        }
    }
}
