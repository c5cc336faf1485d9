namespace LstmCluster.Actors;

/// <summary>What an <see cref="IDeliveryPolicy"/> decided about one message.</summary>
/// <param name="Delay">Time on the way; zero or more. Later messages of the same sender wait behind this one.</param>
public readonly record struct Delivery(TimeSpan Delay)
{
    /// <summary>The message arrives at the moment it is sent.</summary>
    public static Delivery Immediate => default;

    /// <summary>The message never arrives; the simulator releases it.</summary>
    public static Delivery Lost => new() { IsLost = true };

    /// <summary>True when the message never arrives.</summary>
    public bool IsLost { get; init; }

    /// <summary>True when the message need not keep its place among those of its sender, as on a datagram network.</summary>
    public bool MayOvertake { get; init; }

    /// <summary>
    /// A second arrival, made by the policy with payload references of its own; null for none. It takes the same way with
    /// <see cref="CopyDelay"/>, and is lost when the mailbox has no room for it.
    /// </summary>
    public Message? Copy { get; init; }

    /// <summary>Time that <see cref="Copy"/> is on the way.</summary>
    public TimeSpan CopyDelay { get; init; }
}
