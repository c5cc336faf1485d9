using System.Net;
using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>How a process takes part in a run of another one.</summary>
public sealed record HostProcessOptions
{
    /// <summary>Name of the process, unique in its cluster.</summary>
    public required string Name { get; init; }

    /// <summary>Where the coordinator listens; null where the registry says it.</summary>
    public EndPoint? Coordinator { get; init; }

    /// <summary>Opens the registry that says where the coordinator is; null where it is at <see cref="Coordinator"/>.</summary>
    public Func<IRegistry>? Registry { get; init; }

    /// <summary>For how long the process looks for a coordinator that is away, each time; null for ever.</summary>
    public TimeSpan? ReconnectFor { get; init; }

    /// <summary>Makes what serves one coordinator.</summary>
    public required Func<HostStart, IActor> Host { get; init; }

    /// <summary>Where other processes reach this one; null where none has to. Without <see cref="Security"/> a loopback address; port 0 picks a free one.</summary>
    public IPEndPoint? Listen { get; init; }

    /// <summary>Where others reach what <see cref="Listen"/> listens on, when that is another address.</summary>
    public EndPoint? Advertise { get; init; }

    /// <summary>Certificates and join token; null for a coordinator on this machine that asks for none.</summary>
    public ClusterSecurity? Security { get; init; }

    /// <summary>Hears, in one line each, what is waited for and what has come.</summary>
    public required Action<string> Log { get; init; }

    /// <summary>Where time comes from.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Hears of messages that nobody wanted and of actors that failed; null for nobody.</summary>
    public IActorObserver? ActorObserver { get; init; }

    /// <summary>Whether this process may connect to an endpoint that others have told it: elsewhere than on this machine over TLS only.</summary>
    internal bool MayDial(EndPoint endpoint) => Security is not null || EndPointText.IsThisMachine(endpoint);
}
