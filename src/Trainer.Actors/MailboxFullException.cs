namespace LstmCluster.Actors;

/// <summary>A bounded mailbox had no room: the protocol sent more than its receiver agreed to hold.</summary>
/// <param name="target">The actor whose mailbox is full.</param>
/// <param name="capacity">The number of messages it holds.</param>
public sealed class MailboxFullException(ActorRef target, int capacity)
    : Exception($"the mailbox of {target} is full ({capacity} messages)");
