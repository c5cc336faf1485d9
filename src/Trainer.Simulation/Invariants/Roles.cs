using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Simulation;

/// <summary>Who an actor is, by its name: names are part of the protocol, since others look for them.</summary>
static class Roles
{
    public static bool IsParameterServer(ActorRef actor) => actor.Name.StartsWith("parameter-server", StringComparison.Ordinal);

    public static bool IsCoordinator(ActorRef actor) => actor.Name == ActorNames.Coordinator;

    /// <summary>Name of the process that an actor lives in: the first part of <c>//w3/host</c>.</summary>
    public static string ProcessOf(ActorRef actor)
    {
        var path = actor.Path;
        var end = path.IndexOf('/', 2);
        return end < 0 ? path[2..] : path[2..end];
    }
}
