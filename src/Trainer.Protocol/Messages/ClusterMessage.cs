using LstmCluster.Actors;

namespace LstmCluster.Protocol;

/// <summary>What coordinator, parameter servers, workers and hosts say to each other: all of it belongs to one coordinator's reign.</summary>
/// <remarks>Actors are made for one term, say it with everything they send, and act on nothing that was said in another.</remarks>
public abstract record ClusterMessage : Message
{
    /// <summary>The reign in which it was said.</summary>
    public Term Term { get; init; }
}
