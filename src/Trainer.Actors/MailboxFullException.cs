namespace LstmCluster.Actors;

/// <summary>A bounded mailbox, or the bounded way to one in another process, had no room: the protocol sent more than its receiver agreed to hold.</summary>
public sealed class MailboxFullException : Exception
{
    /// <summary>A mailbox that counts messages is full.</summary>
    /// <param name="target">The actor whose mailbox is full.</param>
    /// <param name="capacity">The number of messages it holds.</param>
    public MailboxFullException(ActorRef target, int capacity)
        : this($"the mailbox of {target} is full ({capacity} messages)")
    {
    }

    internal MailboxFullException(string message, ActorRef? refusedBy = null)
        : base(message) => RefusedBy = refusedBy;

    /// <summary>The actor of another process whose mailbox had no room for a message that was on its way already; null where the send itself threw this.</summary>
    /// <remarks>The sender had done its turn by then, so its state is whole, and it may go on without that receiver.</remarks>
    public ActorRef? RefusedBy { get; }
}
