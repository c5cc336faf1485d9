namespace LstmCluster.Actors;

/// <summary>Turns a program's messages into bytes and back. Payloads travel beside them and are never copied into those bytes.</summary>
/// <remarks>Called from several threads at once, so an implementation keeps no state between calls.</remarks>
public interface IMessageCodec
{
    /// <summary>Nodes whose codecs differ in this refuse each other.</summary>
    int Version { get; }

    /// <summary>Writes a message.</summary>
    /// <exception cref="NotSupportedException">Messages of this type do not cross processes.</exception>
    void Write(Message message, MessageWriter writer);

    /// <summary>Makes a message of bytes that may hold anything.</summary>
    /// <remarks>It takes every payload exactly once. When it throws, the runtime releases them all.</remarks>
    /// <exception cref="MessageFormatException">The bytes are no message.</exception>
    Message Read(MessageReader reader);
}
