namespace LstmCluster.Actors;

/// <summary>What a <see cref="SimulatedCluster"/> has counted. Messages between processes only.</summary>
public sealed class ClusterStatistics
{
    /// <summary>Messages that actors have sent to other processes.</summary>
    public long Sent { get; internal set; }

    /// <summary>Messages that have arrived in a mailbox, copies included.</summary>
    public long Delivered { get; internal set; }

    /// <summary>Messages that the network has lost, with a connection or without.</summary>
    public long Lost { get; internal set; }

    /// <summary>Messages that the network has doubled.</summary>
    public long Copied { get; internal set; }

    /// <summary>Messages to a process that was not connected, or to an actor that was gone.</summary>
    public long DeadLetters { get; internal set; }

    /// <summary>Bytes that have left their process.</summary>
    public long Bytes { get; internal set; }

    /// <summary>Connections that were made.</summary>
    public long Connections { get; internal set; }

    /// <summary>Connections that were lost, each counted once.</summary>
    public long Losses { get; internal set; }
}
