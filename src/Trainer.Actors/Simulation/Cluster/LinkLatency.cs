namespace LstmCluster.Actors;

/// <summary>How long a message is on its way between two processes, its bytes apart: a minimum, a long tail and rare spikes.</summary>
public sealed record LinkLatency
{
    /// <summary>The shortest time.</summary>
    public TimeSpan Minimum { get; init; }

    /// <summary>
    /// Mean of what comes on top: a Lomax distribution of shape 2, so that one message in a hundred takes nine times this, and one in ten thousand
    /// ninety-nine times. At most <see cref="Longest"/>.
    /// </summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Most that the jitter adds.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Probability of a spike.</summary>
    public double SpikeProbability { get; init; }

    /// <summary>Most that a spike adds; the least is nothing.</summary>
    public TimeSpan Spike { get; init; }

    /// <summary>Everything is at once where it shall go.</summary>
    public static LinkLatency None { get; } = new();

    /// <exception cref="ArgumentOutOfRangeException">A span is negative, or a probability is none.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Minimum, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(Jitter, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(Longest, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(Spike, TimeSpan.Zero);
        NetworkFaults.RequireProbability(SpikeProbability);
    }
}
