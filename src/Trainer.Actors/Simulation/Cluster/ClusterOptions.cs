namespace LstmCluster.Actors;

/// <summary>What all processes of a <see cref="SimulatedCluster"/> agree on. The limits mean what they mean in <see cref="NetworkOptions"/>.</summary>
public sealed record ClusterOptions
{
    /// <summary>Time between two signs of life.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Time without any sign of life after which a process counts as lost.</summary>
    public TimeSpan PeerTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Time that an attempt to connect may take.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Delay before the second attempt to connect; each further one doubles it, and a random half of it is left out.</summary>
    public TimeSpan FirstRetryDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest delay between two attempts to connect.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Messages on their way from one process to another; one more is a <see cref="MailboxFullException"/>.</summary>
    public int WindowMessages { get; init; } = 4096;

    /// <summary>Bytes of messages on their way from one process to another. A single message may be larger while nothing else is on its way.</summary>
    public long QueueBytes { get; init; } = 1L << 30;

    /// <summary>Bytes of a message on the wire; no message has any when null.</summary>
    public Func<Message, long>? BytesOf { get; init; }

    /// <summary>Messages up to this size pass by larger ones that wait for a link, as control messages do that have a connection of their own.</summary>
    public long UrgentBytes { get; init; } = 4096;

    /// <summary>
    /// Makes the second one of a message that the network doubles, with payload references of its own; null for a message that must not be doubled.
    /// <see cref="MessageCopy.WithoutPayloads"/> copies all messages that carry none.
    /// </summary>
    public Func<Message, Message?>? Copy { get; init; }

    /// <summary>Hears of processes and connections; nobody does when null.</summary>
    public IClusterObserver? Observer { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A limit leaves no room.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HeartbeatInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(PeerTimeout, HeartbeatInterval);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HandshakeTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(FirstRetryDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRetryDelay, FirstRetryDelay);
        ArgumentOutOfRangeException.ThrowIfLessThan(WindowMessages, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueueBytes, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(UrgentBytes);
    }
}
