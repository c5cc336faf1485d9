namespace LstmCluster.Actors;

/// <summary>A process on the network. One that was restarted has its old name and another incarnation, and is another node.</summary>
/// <param name="Name">Name, unique among the nodes that are connected at a time.</param>
/// <param name="Incarnation">Drawn anew by each start of the process.</param>
public readonly record struct NodeId(string Name, ulong Incarnation)
{
    /// <summary>Longest name in UTF-8.</summary>
    public const int MaxNameBytes = 255;

    /// <inheritdoc/>
    public override string ToString() => $"{Name}#{Incarnation:x16}";
}
