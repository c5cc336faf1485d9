namespace LstmCluster.Actors;

/// <summary>Why the watchers of remote actors hear <see cref="Terminated"/> when the connection to their node is lost.</summary>
/// <param name="node">The node.</param>
/// <param name="reason">What was noticed.</param>
/// <param name="cause">The exception behind it, if any.</param>
public sealed class NodeLostException(NodeId node, string reason, Exception? cause = null)
    : Exception($"the connection to {node} is lost: {reason}", cause)
{
    /// <summary>The node.</summary>
    public NodeId Node { get; } = node;
}
