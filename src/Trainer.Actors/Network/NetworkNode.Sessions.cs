using System.Net;

namespace LstmCluster.Actors;

/// <summary>Which nodes are connected, and who may be.</summary>
public sealed partial class NetworkNode
{
    /// <summary>Why a node may not be connected now; null when it may.</summary>
    internal HandshakeException? Objection(NodeId peer, bool dialled)
    {
        lock (_gate) return ObjectionNow(peer, dialled);
    }

    /// <summary>Makes the connections to a node a session, not yet open, instead of an older one that the other side has given up.</summary>
    /// <exception cref="HandshakeException">Something speaks against it.</exception>
    internal Session Admit(Link link)
    {
        Session? given;
        Session session;
        lock (_gate)
        {
            if (ObjectionNow(link.Peer, link.Dialled) is { } objection) throw objection;
            session = new Session(this, NodeFor(link.Peer), link);
            _sessions.TryGetValue(link.Peer.Name, out given);
            _sessions[link.Peer.Name] = session;
        }

        given?.Close(new NodeLostException(link.Peer, "a newer connection replaces it"));
        return session;
    }

    /// <summary>Has the actors send over a session; false when it is over already.</summary>
    internal bool Attach(Session session)
    {
        lock (_gate)
        {
            if (!_sessions.TryGetValue(session.Peer.Name, out var current) || current != session) return false;
            session.Peer.Attach(session);
            return true;
        }
    }

    /// <summary>The session of a node, if there is one.</summary>
    internal Session? SessionOf(NodeId peer)
    {
        lock (_gate) return _sessions.TryGetValue(peer.Name, out var session) && session.Peer.Id == peer ? session : null;
    }

    internal void Detach(Session session)
    {
        lock (_gate)
        {
            if (_sessions.TryGetValue(session.Peer.Name, out var current) && current == session) _sessions.Remove(session.Peer.Name);
            session.Peer.Detach(session);
        }
    }

    internal void ReportConnected(Session session)
    {
        Statistics.CountConnected();
        Runtime.Guard(() => _observer.NodeConnected(session.Peer));
    }

    internal void ReportLost(Session session, Exception reason)
    {
        Statistics.CountLost();
        Runtime.Guard(() => _observer.NodeLost(session.Peer, reason));
    }

    internal void Refused(EndPoint? from, Exception reason)
    {
        Statistics.CountRefused();
        Runtime.Guard(() => _observer.ConnectionRefused(from, reason));
    }

    internal void ReportConnectFailed(EndPoint to, Exception reason, TimeSpan delay) => Runtime.Guard(() => _observer.ConnectFailed(to, reason, delay));

    internal void ReportRefused(ActorRef target, MailboxFullException reason) => Runtime.Guard(() => _observer.MessageRefused(target, reason));

    internal void Forget(NodeConnection connection)
    {
        lock (_gate) _connections.Remove(connection);
    }

    HandshakeException? ObjectionNow(NodeId peer, bool dialled)
    {
        if (_closed) return new HandshakeException(RefusalReason.ShuttingDown, $"{Id} is shutting down", Id);
        if (peer.Name == Id.Name) return new HandshakeException(RefusalReason.NameInUse, $"{Id} has this name itself", Id);
        if (!_sessions.TryGetValue(peer.Name, out var present)) return null;
        if (present.Peer.Id != peer) return new HandshakeException(RefusalReason.NameInUse, $"{present.Peer} is connected to {Id} under this name", Id);

        // Who dials again has given the old connection up. When both dial at once, both keep that of the lesser name.
        var dialler = dialled ? Id.Name : peer.Name;
        if (present.Dialled == dialled || string.CompareOrdinal(dialler, dialled ? peer.Name : Id.Name) < 0) return null;
        return new HandshakeException(RefusalReason.AlreadyConnected, $"{peer} and {Id} are connected already", Id);
    }
}
