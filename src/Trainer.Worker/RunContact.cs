using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Whom a worker has to do with, for one reign of a coordinator.</summary>
/// <param name="Coordinator">Who assigns.</param>
/// <param name="ParameterServers">Who sums gradients and publishes weights, by slice of the parameter vector, ascending; at least one.</param>
/// <param name="Term">The reign.</param>
public sealed record RunContact(ActorRef Coordinator, IReadOnlyList<ParameterServerAddress> ParameterServers, Term Term)
{
    /// <summary>From needing weights to asking for them, then after twice that. Asking sooner than they can come over a crowded link only crowds it more.</summary>
    public TimeSpan WeightsWait { get; init; } = TimeSpan.FromMilliseconds(500);
}
