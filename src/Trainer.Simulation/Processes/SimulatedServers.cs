using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>The connections of a process to the parameter servers of other processes, for as long as one host lives.</summary>
/// <param name="process">The process.</param>
sealed class SimulatedServers(SimulatedProcess process)
{
    readonly List<SimulatedConnection> _connections = [];

    /// <summary>Connects, and tells the host (<see cref="ParameterServersReachable"/>) when each was connected.</summary>
    /// <param name="host">Who waits.</param>
    /// <param name="servers">The parameter servers.</param>
    public void Connect(ActorRef host, IReadOnlyList<ParameterServerAddress> servers)
    {
        var missing = servers.Select(server => server.Endpoint).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var name in missing.Order(StringComparer.Ordinal).ToList())
            _connections.Add(process.Connect(name, _ =>
            {
                if (missing.Remove(name) && missing.Count == 0) process.Send(host, new ParameterServersReachable());
            }));
    }

    /// <summary>Hangs up.</summary>
    public void HangUp()
    {
        foreach (var connection in _connections) connection.Dispose();
        _connections.Clear();
    }
}
