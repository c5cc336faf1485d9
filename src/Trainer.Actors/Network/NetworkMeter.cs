using System.Diagnostics.Metrics;

namespace LstmCluster.Actors;

/// <summary>What a node has counted, as metrics of the meter <c>LstmCluster.Network</c>. They are read only when somebody collects them.</summary>
sealed class NetworkMeter : IDisposable
{
    readonly Meter _meter = new(NetworkStatistics.MeterName);

    public NetworkMeter(NetworkStatistics counted, Func<IReadOnlyList<RemoteNode>> connected)
    {
        Count("io", "By", "Bytes of payloads sent and received.", "network.io.direction", ("transmit", () => counted.PayloadBytesSent), ("receive", () => counted.PayloadBytesReceived));
        Count("messages", "{message}", "Messages of actors sent and received.", "network.io.direction", ("transmit", () => counted.MessagesSent), ("receive", () => counted.MessagesReceived));
        Count("connections.established", "{connection}", "Connections of nodes that came up, again ones included.", () => counted.NodesConnected);
        Count("connections.lost", "{connection}", "Connections of nodes that ended.", () => counted.NodesLost);
        Count("connections.refused", "{connection}", "Connections from outside that did not become one of a node.", () => counted.ConnectionsRefused);
        Count("connections.malformed", "{connection}", "Connections that were closed because of bytes that cannot be.", () => counted.MalformedConnections);
        Count("heartbeats", "{heartbeat}", "Signs of life received.", () => counted.HeartbeatsReceived);
        _meter.CreateObservableUpDownCounter(Prefix + "nodes", () => connected().Count, "{node}", "Nodes connected now.");
        _meter.CreateObservableGauge(Prefix + "round_trip.time", () => RoundTrips(connected()), "s", "Time there and back to a node, as the operating system smooths it.");
    }

    const string Prefix = "lstm_cluster.network.";

    public void Dispose() => _meter.Dispose();

    static IEnumerable<Measurement<double>> RoundTrips(IReadOnlyList<RemoteNode> nodes)
    {
        foreach (var node in nodes)
            if (node.RoundTrip is { } roundTrip)
                yield return new Measurement<double>(roundTrip.TotalSeconds, new KeyValuePair<string, object?>("node", node.Name));
    }

    void Count(string name, string unit, string description, Func<long> value) => _meter.CreateObservableCounter(Prefix + name, value, unit, description);

    void Count(string name, string unit, string description, string tag, params (string Value, Func<long> Count)[] parts) => _meter.CreateObservableCounter(
        Prefix + name, () => parts.Select(part => new Measurement<long>(part.Count(), new KeyValuePair<string, object?>(tag, part.Value))), unit, description);
}
