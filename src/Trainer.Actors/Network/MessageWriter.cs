using System.Buffers;

namespace LstmCluster.Actors;

/// <summary>Takes the bytes of one message, and notes the payloads that go with it.</summary>
public sealed class MessageWriter : IBufferWriter<byte>
{
    readonly NetworkNode _node;
    readonly List<IWirePayload> _payloads = [];
    FrameBuffer _buffer = null!;

    internal MessageWriter(NetworkNode node) => _node = node;

    internal List<IWirePayload> Payloads => _payloads;

    /// <summary>Begins another message.</summary>
    internal void Begin(FrameBuffer buffer)
    {
        _buffer = buffer;
        _payloads.Clear();
    }

    /// <summary>Sends a payload with the message. The message keeps its reference and is released once the payload is sent.</summary>
    /// <returns>The index under which the reader takes it.</returns>
    /// <exception cref="NotSupportedException">Payloads of this element type do not cross processes.</exception>
    public int Attach<T>(Payload<T> payload)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(payload);
        ElementTypes.Of<T>();
        _payloads.Add(payload);
        return _payloads.Count - 1;
    }

    /// <summary>The form of an address that every node can resolve.</summary>
    /// <exception cref="ArgumentException">The address belongs neither to this node's runtime nor to another node.</exception>
    public WireAddress AddressOf(ActorRef actor) => _node.AddressOf(actor);

    /// <inheritdoc/>
    public void Advance(int count) => _buffer.Advance(count);

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0) => _buffer.GetMemory(sizeHint);

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => _buffer.GetSpan(sizeHint);
}
