namespace LstmCluster.Simulation;

/// <summary>What was done to the processes of a simulation, by the name of the fault.</summary>
public sealed class FaultCounts
{
    readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>How often each was done.</summary>
    public IReadOnlyDictionary<string, long> ByName => _counts;

    /// <summary>One more.</summary>
    internal void Add(string name, long count = 1) => _counts[name] = _counts.GetValueOrDefault(name) + count;
}
