namespace LstmCluster.Actors;

/// <summary>What a connection is for.</summary>
enum ConnectionRole : byte
{
    Control = 1,
    Tensors = 2,
}

/// <summary>First frame of whoever dials. The protocol's version comes first, so that every version can read it.</summary>
/// <param name="CodecVersion">Version of the messages.</param>
/// <param name="Role">What the connection is for.</param>
/// <param name="Node">Who dials.</param>
/// <param name="Token">What all nodes of the job know.</param>
/// <param name="Session">For tensors: the number that the control connection was given.</param>
/// <param name="Limits">What the dialler allows.</param>
sealed record Hello(int CodecVersion, ConnectionRole Role, NodeId Node, string Token, Guid Session, Limits Limits)
{
    public void Write(FrameBuffer buffer)
    {
        buffer.UInt16(Greeting.ProtocolVersion);
        buffer.UInt32((uint)CodecVersion);
        buffer.Byte((byte)Role);
        Greeting.Write(buffer, Node);
        buffer.Text(Token, NetworkOptions.MaxTokenBytes);
        Greeting.Write(buffer, Session);
        Limits.Write(buffer);
    }

    /// <exception cref="FrameException">The bytes are no greeting, or one of another protocol.</exception>
    public static Hello Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        Greeting.RequireVersion(ref reader);
        var codec = (int)reader.UInt32();
        var role = (ConnectionRole)reader.Byte();
        if (!Enum.IsDefined(role)) throw new FrameException($"connection of unknown role {(byte)role}");
        var hello = new Hello(codec, role, Greeting.ReadNode(ref reader), reader.Text(NetworkOptions.MaxTokenBytes), Greeting.ReadSession(ref reader), Limits.Read(ref reader));
        reader.End();
        return hello;
    }
}

/// <summary>The answer to a <see cref="Hello"/>.</summary>
/// <param name="Node">Who answers.</param>
/// <param name="Session">Joins the two connections of a pair.</param>
/// <param name="Limits">What the listener allows.</param>
sealed record Welcome(NodeId Node, Guid Session, Limits Limits)
{
    public void Write(FrameBuffer buffer)
    {
        buffer.UInt16(Greeting.ProtocolVersion);
        Greeting.Write(buffer, Node);
        Greeting.Write(buffer, Session);
        Limits.Write(buffer);
    }

    /// <exception cref="FrameException">The bytes are no answer, or one of another protocol.</exception>
    public static Welcome Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        Greeting.RequireVersion(ref reader);
        var welcome = new Welcome(Greeting.ReadNode(ref reader), Greeting.ReadSession(ref reader), Limits.Read(ref reader));
        reader.End();
        return welcome;
    }
}

/// <summary>What the frames of a handshake have in common.</summary>
static class Greeting
{
    public const ushort ProtocolVersion = 1;

    /// <summary>Longest body of a handshake's frame: a stranger gets no more memory than this.</summary>
    public const int MaxBytes = 4096;

    const int SessionBytes = 16;

    public static void RequireVersion(ref BodyReader reader)
    {
        var version = reader.UInt16();
        if (version != ProtocolVersion) throw new FrameException($"protocol version {version}, expected {ProtocolVersion}", RefusalReason.ProtocolVersion);
    }

    public static void Write(FrameBuffer buffer, NodeId node)
    {
        buffer.Text(node.Name, NodeId.MaxNameBytes);
        buffer.UInt64(node.Incarnation);
    }

    public static NodeId ReadNode(ref BodyReader reader)
    {
        var name = reader.Text(NodeId.MaxNameBytes);
        if (string.IsNullOrWhiteSpace(name) || name.Contains('/', StringComparison.Ordinal)) throw new FrameException("the name of a node is empty or has a slash");
        return new NodeId(name, reader.UInt64());
    }

    public static void Write(FrameBuffer buffer, Guid session)
    {
        Span<byte> bytes = stackalloc byte[SessionBytes];
        session.TryWriteBytes(bytes);
        buffer.Block(bytes);
    }

    public static Guid ReadSession(ref BodyReader reader) => new(reader.Block(SessionBytes));

    public static void WriteRefusal(FrameBuffer buffer, RefusalReason reason, string detail, NodeId node)
    {
        buffer.Byte((byte)reason);
        buffer.Text(detail, BodyReader.MaxReasonBytes);
        Write(buffer, node);
    }

    public static HandshakeException ReadRefusal(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var reason = (RefusalReason)reader.Byte();
        if (!Enum.IsDefined(reason)) throw new FrameException($"refusal for unknown reason {(byte)reason}");
        var detail = reader.Text(BodyReader.MaxReasonBytes);
        return new HandshakeException(reason, detail, ReadNode(ref reader));
    }
}
