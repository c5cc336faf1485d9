namespace LstmCluster.Actors;

/// <summary>Why two nodes did not come to terms.</summary>
public enum RefusalReason
{
    /// <summary>What came was no greeting.</summary>
    Malformed = 1,

    /// <summary>Frames or handshake of another version.</summary>
    ProtocolVersion = 2,

    /// <summary>Messages of another version.</summary>
    CodecVersion = 3,

    /// <summary>The token is that of another job.</summary>
    Token = 4,

    /// <summary>Another living node has this name.</summary>
    NameInUse = 5,

    /// <summary>The two nodes are connected already.</summary>
    AlreadyConnected = 6,

    /// <summary>The second connection came for a first one that is not, or no longer, there.</summary>
    UnknownSession = 7,

    /// <summary>The node is shutting down.</summary>
    ShuttingDown = 8,

    /// <summary>The certificate of the other side is missing or was not issued by the authority of this cluster.</summary>
    Certificate = 9,

    /// <summary>The two sides' limits leave no room for any message.</summary>
    Limits = 10,
}

/// <summary>A node refused another.</summary>
/// <param name="reason">Why.</param>
/// <param name="detail">The same in words, with what was found and what was expected.</param>
/// <param name="node">Who refused, where that is known.</param>
public sealed class HandshakeException(RefusalReason reason, string detail, NodeId? node = null) : Exception(detail)
{
    /// <summary>Why.</summary>
    public RefusalReason Reason { get; } = reason;

    /// <summary>Who refused, where that is known.</summary>
    public NodeId? Node { get; } = node;

    /// <summary>True when trying again cannot help.</summary>
    public bool IsFinal => Reason is RefusalReason.ProtocolVersion or RefusalReason.CodecVersion or RefusalReason.Token
        or RefusalReason.Certificate or RefusalReason.Limits;
}
