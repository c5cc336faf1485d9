namespace LstmCluster.Actors;

/// <summary>Gives out the bytes of one message, and the payloads that came with it.</summary>
public sealed class MessageReader
{
    readonly NetworkNode _node;
    readonly ReadOnlyMemory<byte> _body;
    readonly IWirePayload[] _payloads;
    readonly bool[] _taken;

    internal MessageReader(NetworkNode node, ReadOnlyMemory<byte> body, IWirePayload[] payloads) =>
        (_node, _body, _payloads, _taken) = (node, body, payloads, payloads.Length == 0 ? [] : new bool[payloads.Length]);

    /// <summary>The bytes, valid until the codec returns.</summary>
    public ReadOnlySpan<byte> Body => _body.Span;

    /// <summary>Number of payloads that came with the message.</summary>
    public int PayloadCount => _payloads.Length;

    internal bool TookAll => Array.TrueForAll(_taken, taken => taken);

    /// <summary>Hands a payload to the message.</summary>
    /// <param name="index">What <see cref="MessageWriter.Attach{T}"/> returned.</param>
    /// <exception cref="MessageFormatException">There is none at this index, it is of another type, or it was taken before.</exception>
    public Payload<T> Take<T>(int index)
        where T : unmanaged
    {
        if ((uint)index >= (uint)_payloads.Length) throw new MessageFormatException($"payload {index} of {_payloads.Length} is asked for");
        if (_payloads[index] is not Payload<T> payload)
            throw new MessageFormatException($"payload {index} holds {_payloads[index].Type}, expected {ElementTypes.Of<T>()}");
        if (_taken[index]) throw new MessageFormatException($"payload {index} is asked for twice");
        _taken[index] = true;
        return payload;
    }

    /// <summary>The address of an actor: of this process, or of any other node.</summary>
    /// <exception cref="MessageFormatException">It can be no address.</exception>
    public ActorRef Resolve(WireAddress address)
    {
        if (address.Id == 0 || string.IsNullOrEmpty(address.Node.Name) || address.Path is not ['/', ..] || address.Path.Length > BodyReader.MaxPathBytes)
            throw new MessageFormatException($"{address} is no address");
        return _node.Resolve(address);
    }
}
