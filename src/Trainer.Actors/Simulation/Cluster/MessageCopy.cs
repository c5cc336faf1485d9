using System.Collections.Concurrent;

namespace LstmCluster.Actors;

/// <summary>Ways to make the second one of a message that arrives twice.</summary>
public static class MessageCopy
{
    static readonly ConcurrentDictionary<Type, bool> Carriers = new();

    /// <summary>The message itself if its type releases nothing: it is immutable, so both receptions may share it. Null for all others.</summary>
    public static Message? WithoutPayloads(Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Carriers.GetOrAdd(message.GetType(), CarriesPayloads) ? null : message;
    }

    static bool CarriesPayloads(Type type) => type.GetMethod(nameof(Message.Release), Type.EmptyTypes)!.DeclaringType != typeof(Message);
}
