using System.Security.Cryptography;
using System.Text;

namespace LstmCluster.Actors;

/// <summary>How a node greets others, how long it waits for them and how much it holds for them.</summary>
public sealed record NetworkOptions
{
    /// <summary>Name of the node, unique in its cluster; 1 to <see cref="NodeId.MaxNameBytes"/> bytes of UTF-8, no slash.</summary>
    public required string Name { get; init; }

    /// <summary>Tells this start of the process from all others.</summary>
    public ulong Incarnation { get; init; } = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>What all nodes of a job know and no others; at most 1,024 bytes of UTF-8.</summary>
    public string Token { get; init; } = "";

    /// <summary>Mutual TLS; null for plain connections, which only loopback addresses may listen for.</summary>
    public NetworkSecurity? Security { get; init; }

    /// <summary>Whether processes of one machine and user meet without TCP where nothing has to be encrypted.</summary>
    public bool LocalSockets { get; init; } = true;

    /// <summary>Time between two signs of life.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Time without any byte after which a node counts as lost. A little less than the 2 s within which that is to be known.</summary>
    public TimeSpan PeerTimeout { get; init; } = TimeSpan.FromMilliseconds(1750);

    /// <summary>Time from the first byte of a connection until both connections of a node are up.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Connections that may be in their handshake at a time; one more takes the place of the oldest, which is closed.</summary>
    public int MaxHalfOpen { get; init; } = 128;

    /// <summary>Messages on their way to one node, not yet in a mailbox there; one more is a <see cref="MailboxFullException"/>.</summary>
    public int WindowMessages { get; init; } = 4096;

    /// <summary>Bytes of those messages without their payloads.</summary>
    public int WindowBytes { get; init; } = 16 << 20;

    /// <summary>Payload bytes that wait to be sent to one node. A single message may be larger while nothing else waits.</summary>
    public long TensorQueueBytes { get; init; } = 1L << 30;

    /// <summary>Largest message without its payloads, bytes. The smaller of both sides' limits holds.</summary>
    public int MaxMessageBytes { get; init; } = 1 << 20;

    /// <summary>Largest payload, bytes. The smaller of both sides' limits holds.</summary>
    public int MaxPayloadBytes { get; init; } = 1 << 30;

    /// <summary>Delay before the second attempt to connect; each further one doubles it, and a random half of it is left out.</summary>
    public TimeSpan FirstRetryDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest delay between two attempts to connect: a node that comes back is found well within the 5 s that its restart may cost.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a node that is shut down goes on sending what it has accepted.</summary>
    public TimeSpan StopLimit { get; init; } = TimeSpan.FromSeconds(2);

    internal bool UsesLocalSockets => LocalSockets && Security is null;

    internal void Validate()
    {
        if (string.IsNullOrWhiteSpace(Name) || Name.Contains('/', StringComparison.Ordinal) || Encoding.UTF8.GetByteCount(Name) > NodeId.MaxNameBytes)
            throw new ArgumentException($"the name of a node has 1 to {NodeId.MaxNameBytes} bytes and no slash, got \"{Name}\"");
        if (Encoding.UTF8.GetByteCount(Token) > MaxTokenBytes) throw new ArgumentException($"a token has at most {MaxTokenBytes} bytes");
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HeartbeatInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(PeerTimeout, HeartbeatInterval);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HandshakeTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxHalfOpen, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(WindowMessages, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(WindowBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(TensorQueueBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMessageBytes, MinMessageBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPayloadBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(FirstRetryDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRetryDelay, FirstRetryDelay);
        ArgumentOutOfRangeException.ThrowIfLessThan(StopLimit, TimeSpan.Zero);
    }

    internal const int MaxTokenBytes = 1024;

    /// <summary>Room for the frames of the runtime itself, which hold two paths and a reason.</summary>
    internal const int MinMessageBytes = 8 << 10;
}
