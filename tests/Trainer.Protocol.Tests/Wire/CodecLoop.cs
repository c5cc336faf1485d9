using LstmCluster.Actors;

namespace LstmCluster.Protocol.Tests;

/// <summary>Writes and reads messages as two nodes would, without a connection between them.</summary>
sealed class CodecLoop : IAsyncDisposable
{
    readonly ThreadRuntime _runtime = new(TimeProvider.System, seed: 1);
    readonly NetworkNode _node;

    public CodecLoop()
    {
        _node = new NetworkNode(_runtime, Codec, Pool, new NetworkOptions { Name = "here", Incarnation = 1 });
        Actors = [_runtime.Spawn("local", () => new Silent()), _node.NodeFor(new NodeId("there", 7)).Ref(12, "/far/away")];
    }

    public TrainerCodec Codec { get; } = new();

    public PayloadPool Pool { get; } = new();

    /// <summary>One of this process, one of another.</summary>
    public ActorRef[] Actors { get; }

    public (byte[] Body, IWirePayload[] Payloads) Write(Message message)
    {
        var buffer = new FrameBuffer();
        var writer = new MessageWriter(_node);
        writer.Begin(buffer);
        Codec.Write(message, writer);
        return (buffer.Written.ToArray(), [.. writer.Payloads]);
    }

    /// <summary>Reads as the runtime does: the payloads belong to the message, or are released.</summary>
    public Message Read(byte[] body, IWirePayload[] payloads)
    {
        var reader = new MessageReader(_node, body, payloads);
        try
        {
            var message = Codec.Read(reader);
            return reader.TookAll ? message : throw new MessageFormatException("payloads are left");
        }
        catch
        {
            foreach (var payload in payloads) payload.Release();
            throw;
        }
    }

    /// <summary>What the bytes of a payload become at the other end.</summary>
    public IWirePayload Cross(IWirePayload payload)
    {
        var copy = ElementTypes.Rent(Pool, payload.Type, payload.Length);
        payload.Bytes.CopyTo(copy.Bytes);
        return copy;
    }

    public async ValueTask DisposeAsync()
    {
        await _runtime.DisposeAsync();
        await _node.DisposeAsync();
        Pool.Dispose();
    }

    sealed class Silent : IActor
    {
        public ValueTask ReceiveAsync(Message message, IActorContext context) => ValueTask.CompletedTask;
    }
}
