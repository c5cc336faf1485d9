namespace LstmCluster.Actors;

/// <summary>How an actor is run. Defaults suit an actor that only passes messages on.</summary>
public sealed record ActorOptions
{
    /// <summary>Messages that may wait in the mailbox; one more is a <see cref="MailboxFullException"/> at the sender.</summary>
    public int MailboxCapacity { get; init; } = 1024;

    /// <summary>True for an actor that computes for long: it gets a thread of its own, so that it never starves the others.</summary>
    public bool OwnThread { get; init; }

    /// <summary>What is done about an exception of this actor.</summary>
    public Supervision Supervision { get; init; } = Supervision.StopOnFailure;
}
