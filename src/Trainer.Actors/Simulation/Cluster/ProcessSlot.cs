namespace LstmCluster.Actors;

/// <summary>The place of a process in the cluster: what stays when it is started again.</summary>
sealed class ProcessSlot(string name)
{
    public string Name => name;

    /// <summary>What the paths of its actors begin with; the process itself in a trace.</summary>
    public string Path { get; } = $"//{name}";

    /// <summary>The process that lives here now.</summary>
    public SimulatedProcess? Process { get; set; }

    /// <summary>How often a process was started here.</summary>
    public ulong Incarnations { get; set; }

    /// <summary>True when nothing is left here that would refuse a connection.</summary>
    public bool IsUnplugged { get; set; }
}
