namespace LstmCluster.Actors;

/// <summary>What a node has counted since it started.</summary>
public sealed class NetworkStatistics
{
    /// <summary>Name of the meter (System.Diagnostics.Metrics) that shows the same.</summary>
    public const string MeterName = "LstmCluster.Network";

    long _connections, _lost, _refused, _badFrames, _heartbeats, _messagesSent, _messagesReceived, _payloadBytesSent, _payloadBytesReceived;

    /// <summary>Connections of nodes that came up.</summary>
    public long NodesConnected => Volatile.Read(ref _connections);

    /// <summary>Connections of nodes that ended, for whatever reason.</summary>
    public long NodesLost => Volatile.Read(ref _lost);

    /// <summary>Connections from outside that did not become one of a node.</summary>
    public long ConnectionsRefused => Volatile.Read(ref _refused);

    /// <summary>Connections, in their handshake or later, that were closed because of bytes that cannot be.</summary>
    public long MalformedConnections => Volatile.Read(ref _badFrames);

    /// <summary>Signs of life that came in.</summary>
    public long HeartbeatsReceived => Volatile.Read(ref _heartbeats);

    /// <summary>Messages of actors accepted for sending.</summary>
    public long MessagesSent => Volatile.Read(ref _messagesSent);

    /// <summary>Messages of actors that were handed over here: to a mailbox, or to the observer as dead letters.</summary>
    public long MessagesReceived => Volatile.Read(ref _messagesReceived);

    /// <summary>Bytes of payloads sent.</summary>
    public long PayloadBytesSent => Volatile.Read(ref _payloadBytesSent);

    /// <summary>Bytes of payloads received.</summary>
    public long PayloadBytesReceived => Volatile.Read(ref _payloadBytesReceived);

    internal void CountConnected() => Interlocked.Increment(ref _connections);

    internal void CountLost() => Interlocked.Increment(ref _lost);

    internal void CountRefused() => Interlocked.Increment(ref _refused);

    internal void CountMalformed() => Interlocked.Increment(ref _badFrames);

    internal void CountHeartbeat() => Interlocked.Increment(ref _heartbeats);

    internal void CountMessageSent() => Interlocked.Increment(ref _messagesSent);

    internal void CountMessageReceived() => Interlocked.Increment(ref _messagesReceived);

    internal void CountPayloadSent(long bytes) => Interlocked.Add(ref _payloadBytesSent, bytes);

    internal void CountPayloadReceived(long bytes) => Interlocked.Add(ref _payloadBytesReceived, bytes);
}
