namespace LstmCluster.Actors;

/// <summary>The body of a <see cref="FrameKind.Message"/> frame.</summary>
/// <remarks>
/// <code>
/// target: id 8, path | sender: id 8 (0 for none), path | length of the codec's bytes 4, those bytes | number of payloads 2, for each: type 1, length 4
/// </code>
/// </remarks>
/// <param name="TargetId">Who shall get it.</param>
/// <param name="TargetPath">The receiver's path.</param>
/// <param name="SenderId">Who sent it; 0 for nobody.</param>
/// <param name="SenderPath">The sender's path.</param>
/// <param name="Content">The codec's bytes.</param>
/// <param name="Payloads">What comes over the other connection.</param>
readonly record struct MessageFrame(
    ulong TargetId, string TargetPath, ulong SenderId, string SenderPath, ReadOnlyMemory<byte> Content, (ElementType Type, int Length)[] Payloads)
{
    const int DescriptorBytes = 5;

    public static void Write(FrameBuffer buffer, MessageWriter writer, NetworkNode node, ActorRef? sender, RemoteRef target, Message message)
    {
        WriteActor(buffer, target.Id, target.LocalPath);
        if (sender is null)
        {
            WriteActor(buffer, 0, "/");
        }
        else
        {
            var address = node.AddressOf(sender);
            WriteActor(buffer, address.Id, address.Path);
        }

        var length = buffer.Length;
        buffer.UInt32(0);
        node.Codec.Write(message, writer);
        buffer.Patch(length, (uint)(buffer.Length - length - sizeof(uint)));
        if (writer.Payloads.Count > ushort.MaxValue) throw new ArgumentException($"{message.GetType().Name} has {writer.Payloads.Count} payloads, at most {ushort.MaxValue} are allowed");
        buffer.UInt16((ushort)writer.Payloads.Count);
        foreach (var payload in writer.Payloads)
        {
            buffer.Byte((byte)payload.Type);
            buffer.UInt32((uint)payload.Length);
        }
    }

    public static void WriteActor(FrameBuffer buffer, ulong id, string path)
    {
        buffer.UInt64(id);
        buffer.Text(path, BodyReader.MaxPathBytes);
    }

    /// <exception cref="FrameException">The bytes are no message, or announce more than is allowed.</exception>
    public static MessageFrame Read(ReadOnlyMemory<byte> body, int maxPayloadBytes)
    {
        var reader = new BodyReader(body.Span);
        var (targetId, targetPath) = (reader.UInt64(), reader.Path());
        var (senderId, senderPath) = (reader.UInt64(), reader.Path());
        if (targetId == 0) throw new FrameException("a message without a receiver");
        var bytes = reader.Count();
        var start = body.Length - reader.Left;
        reader.Block(bytes);
        var payloads = ReadDescriptors(ref reader, maxPayloadBytes);
        reader.End();
        return new MessageFrame(targetId, targetPath, senderId, senderPath, body.Slice(start, bytes), payloads);
    }

    static (ElementType Type, int Length)[] ReadDescriptors(ref BodyReader reader, int maxPayloadBytes)
    {
        var count = reader.UInt16();
        if (count * DescriptorBytes != reader.Left) throw new FrameException($"{count} payloads are announced in {reader.Left} bytes");
        if (count == 0) return [];
        var payloads = new (ElementType Type, int Length)[count];
        foreach (ref var payload in payloads.AsSpan())
        {
            payload = ((ElementType)reader.Byte(), reader.Count());
            var size = ElementTypes.SizeOf(payload.Type);
            if (size == 0) throw new FrameException($"a payload of unknown type {(byte)payload.Type}");
            if ((long)payload.Length * size > maxPayloadBytes) throw new FrameException($"a payload of {(long)payload.Length * size} bytes, at most {maxPayloadBytes} are allowed");
        }

        return payloads;
    }
}
