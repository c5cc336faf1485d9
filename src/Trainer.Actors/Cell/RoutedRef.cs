namespace LstmCluster.Actors;

/// <summary>An address that a runtime of this assembly can reach: an <see cref="ActorCell"/> in this process, or a proxy for one elsewhere.</summary>
abstract class RoutedRef : ActorRef
{
    /// <summary>Puts a message into the mailbox behind this address, or releases it and says why not.</summary>
    /// <exception cref="MailboxFullException">The mailbox has no room; the message was released.</exception>
    internal abstract void Post(ActorRef? sender, Message message);

    /// <summary>Puts a message of the runtime itself ahead of all messages of actors. There is always room for it.</summary>
    internal abstract void Post(SystemMessage message);
}
