using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;

namespace LstmCluster.Actors.Tests;

/// <summary>A message with an address in it.</summary>
sealed record Introduce(ActorRef Actor) : Message;

/// <summary>A message with several payloads and a number.</summary>
sealed record Cargo(int Value, Payload<float> Floats, Payload<int> Ints, Payload<byte> Bytes) : Message
{
    public override void Release()
    {
        Floats.Release();
        Ints.Release();
        Bytes.Release();
    }
}

/// <summary>As many bytes as one likes.</summary>
sealed record Bulk(byte[] Content) : Message;

/// <summary>No codec knows it.</summary>
sealed record Homebound : Message;

/// <summary>Writes the messages of these tests; those that hold what cannot cross processes stay here and only their number crosses.</summary>
sealed class TestCodec(int version = 1) : IMessageCodec
{
    static readonly ConcurrentDictionary<long, Message> Kept = new();
    static long _last;

    public int Version => version;

    public void Write(Message message, MessageWriter writer)
    {
        switch (message)
        {
            case Homebound:
                throw new NotSupportedException("homebound");
            case Number number:
                Put(writer, 1, number.Value);
                break;
            case Loaded loaded:
                Put(writer, 2, writer.Attach(loaded.Payload));
                break;
            case Introduce introduce:
                var address = writer.AddressOf(introduce.Actor);
                Put(writer, 3, (long)address.Id, address.Node.Name, address.Path, address.Node.Incarnation);
                break;
            case Cargo cargo:
                Put(writer, 4, cargo.Value);
                writer.Attach(cargo.Floats);
                writer.Attach(cargo.Ints);
                writer.Attach(cargo.Bytes);
                break;
            case Bulk bulk:
                Put(writer, 5, bulk.Content.Length);
                bulk.Content.CopyTo(writer.GetSpan(bulk.Content.Length));
                writer.Advance(bulk.Content.Length);
                break;
            default:
                var number2 = Interlocked.Increment(ref _last);
                Kept[number2] = message;
                Put(writer, 6, number2);
                break;
        }
    }

    public Message Read(MessageReader reader)
    {
        var body = reader.Body;
        if (body.Length < 9) throw new MessageFormatException($"a message of {body.Length} bytes");
        var value = BinaryPrimitives.ReadInt64LittleEndian(body[1..]);
        switch (body[0])
        {
            case 1:
                return new Number((int)value);
            case 2:
                return new Loaded(reader.Take<float>((int)value));
            case 3:
                var text = Encoding.UTF8.GetString(body[17..]).Split('|');
                if (text.Length != 2) throw new MessageFormatException("an address without a path");
                return new Introduce(reader.Resolve(new WireAddress(
                    new NodeId(text[0], BinaryPrimitives.ReadUInt64LittleEndian(body[9..])), text[1], (ulong)value)));
            case 4:
                return new Cargo((int)value, reader.Take<float>(0), reader.Take<int>(1), reader.Take<byte>(2));
            case 5:
                return new Bulk(body[9..].ToArray());
            case 6 when Kept.TryRemove(value, out var message):
                return message;
            default:
                throw new MessageFormatException($"a message of unknown kind {body[0]}");
        }
    }

    static void Put(MessageWriter writer, byte kind, long value, string? name = null, string? path = null, ulong incarnation = 0)
    {
        var text = name is null ? [] : Encoding.UTF8.GetBytes($"{name}|{path}");
        var span = writer.GetSpan(17 + text.Length);
        span[0] = kind;
        BinaryPrimitives.WriteInt64LittleEndian(span[1..], value);
        var length = 9;
        if (name is not null)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(span[9..], incarnation);
            text.CopyTo(span[17..]);
            length = 17 + text.Length;
        }

        writer.Advance(length);
    }
}
