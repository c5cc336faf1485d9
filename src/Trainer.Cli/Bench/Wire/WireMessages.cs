using System.Buffers.Binary;
using LstmCluster.Actors;

namespace LstmCluster.Cli.Bench;

/// <summary>Tells the other side whom to answer.</summary>
sealed record Introduction(ActorRef Caller) : Message;

/// <summary>A small message, which comes back as it is.</summary>
sealed record Ball(long Number) : Message;

/// <summary>A tensor.</summary>
sealed record Parcel(Payload<byte> Content) : Message
{
    /// <inheritdoc/>
    public override void Release() => Content.Release();
}

/// <summary>A tensor has come.</summary>
sealed record Receipt : Message;

/// <summary>Writes these messages; all but the introduction have <see cref="WireLoad.MessageBytes"/>.</summary>
sealed class WireCodec : IMessageCodec
{
    enum Kind : byte
    {
        Introduction,
        Ball,
        Parcel,
        Receipt,
    }

    public int Version => 1;

    public void Write(Message message, MessageWriter writer)
    {
        switch (message)
        {
            case Introduction m:
                var address = writer.AddressOf(m.Caller);
                Put(writer, Kind.Introduction, address.Id, address.Node.Incarnation, $"{address.Node.Name} {address.Path}");
                break;
            case Ball m:
                Put(writer, Kind.Ball, (ulong)m.Number);
                break;
            case Parcel m:
                writer.Attach(m.Content);
                Put(writer, Kind.Parcel);
                break;
            case Receipt:
                Put(writer, Kind.Receipt);
                break;
            default:
                throw new NotSupportedException($"{message.GetType().Name} stays within its process");
        }
    }

    public Message Read(MessageReader reader)
    {
        if (reader.Body.Length < WireLoad.MessageBytes) throw new MessageFormatException($"a message of {reader.Body.Length} bytes");
        var number = BinaryPrimitives.ReadUInt64LittleEndian(reader.Body[1..]);
        switch ((Kind)reader.Body[0])
        {
            case Kind.Introduction:
                var text = System.Text.Encoding.UTF8.GetString(reader.Body[17..]).TrimEnd('\0').Split(' ');
                var node = new NodeId(text[0], BinaryPrimitives.ReadUInt64LittleEndian(reader.Body[9..]));
                return new Introduction(reader.Resolve(new WireAddress(node, text[1], number)));
            case Kind.Ball: return new Ball((long)number);
            case Kind.Parcel: return new Parcel(reader.Take<byte>(0));
            case Kind.Receipt: return new Receipt();
            default: throw new MessageFormatException($"a message of kind {reader.Body[0]}");
        }
    }

    static void Put(MessageWriter writer, Kind kind, ulong first = 0, ulong second = 0, string text = "")
    {
        var bytes = Math.Max(WireLoad.MessageBytes, 17 + System.Text.Encoding.UTF8.GetByteCount(text));
        var span = writer.GetSpan(bytes)[..bytes];
        span.Clear();
        span[0] = (byte)kind;
        BinaryPrimitives.WriteUInt64LittleEndian(span[1..], first);
        BinaryPrimitives.WriteUInt64LittleEndian(span[9..], second);
        System.Text.Encoding.UTF8.GetBytes(text, span[17..]);
        writer.Advance(bytes);
    }
}
