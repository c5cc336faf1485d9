using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>What a host gets to serve one coordinator.</summary>
/// <param name="Coordinator">Whom.</param>
/// <param name="Pool">Where payloads are rented.</param>
/// <param name="Ended">To be told when all of it is gone, and why.</param>
public sealed record HostStart(ActorRef Coordinator, PayloadPool Pool, Action<HostEnd> Ended)
{
    /// <summary>Where other processes reach this one; null where it does not listen.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The highest term that this process has seen; one of its own where this is the only host that the process will have.</summary>
    public TermGate Terms { get; init; } = new();

    /// <summary>Connects to parameter servers of other processes without waiting, and answers the host with <see cref="ParameterServersReachable"/>; null where all are reached already.</summary>
    public Action<ActorRef, IReadOnlyList<ParameterServerAddress>>? Connect { get; init; }
}
