using System.Diagnostics.Metrics;

namespace LstmCluster.Actors;

/// <summary>What all nodes of this process have counted, as metrics of the meter <c>LstmCluster.Network</c>. They are read only when somebody collects them.</summary>
/// <remarks>Counts only grow: those of a node that is gone stay in the sums.</remarks>
static class NetworkMeter
{
    const string Prefix = "lstm_cluster.network.", Direction = "network.io.direction";

    static readonly Meter s_meter = new(NetworkStatistics.MeterName);
    static readonly Lock s_gate = new();
    static readonly List<NetworkNode> s_nodes = [];
    static readonly List<NetworkStatistics> s_past = [];

    static NetworkMeter()
    {
        Count("io", "By", "Bytes of payloads sent and received.", counted => counted.PayloadBytesSent, counted => counted.PayloadBytesReceived);
        Count("messages", "{message}", "Messages of actors sent and received.", counted => counted.MessagesSent, counted => counted.MessagesReceived);
        Count("connections.established", "{connection}", "Connections of nodes that came up, again ones included.", counted => counted.NodesConnected);
        Count("connections.lost", "{connection}", "Connections of nodes that ended.", counted => counted.NodesLost);
        Count("connections.refused", "{connection}", "Connections from outside that did not become one of a node.", counted => counted.ConnectionsRefused);
        Count("connections.malformed", "{connection}", "Connections that were closed because of bytes that cannot be.", counted => counted.MalformedConnections);
        Count("heartbeats", "{heartbeat}", "Signs of life received.", counted => counted.HeartbeatsReceived);
        s_meter.CreateObservableUpDownCounter(Prefix + "nodes", () => Nodes().Sum(node => node.Connected.Count), "{node}", "Nodes connected now.");
        s_meter.CreateObservableGauge(Prefix + "round_trip.time", RoundTrips, "s", "Time there and back to a node, as the operating system smooths it.");
    }

    /// <summary>Counts a node from now on.</summary>
    public static void Add(NetworkNode node)
    {
        lock (s_gate) s_nodes.Add(node);
    }

    /// <summary>Keeps what a node has counted, which will count no more.</summary>
    public static void Remove(NetworkNode node)
    {
        lock (s_gate)
            if (s_nodes.Remove(node))
                s_past.Add(node.Statistics);
    }

    static void Count(string name, string unit, string description, Func<NetworkStatistics, long> value) =>
        s_meter.CreateObservableCounter(Prefix + name, () => Sum(value), unit, description);

    static void Count(string name, string unit, string description, Func<NetworkStatistics, long> sent, Func<NetworkStatistics, long> received) => s_meter.CreateObservableCounter(
        Prefix + name,
        () => new Measurement<long>[] { new(Sum(sent), new KeyValuePair<string, object?>(Direction, "transmit")), new(Sum(received), new KeyValuePair<string, object?>(Direction, "receive")) },
        unit, description);

    static IEnumerable<Measurement<double>> RoundTrips()
    {
        foreach (var peer in Nodes().SelectMany(node => node.Connected))
            if (peer.RoundTrip is { } roundTrip)
                yield return new Measurement<double>(roundTrip.TotalSeconds, new KeyValuePair<string, object?>("node", peer.Name));
    }

    static long Sum(Func<NetworkStatistics, long> value)
    {
        lock (s_gate) return s_past.Sum(value) + s_nodes.Sum(node => value(node.Statistics));
    }

    static NetworkNode[] Nodes()
    {
        lock (s_gate) return [.. s_nodes];
    }
}
