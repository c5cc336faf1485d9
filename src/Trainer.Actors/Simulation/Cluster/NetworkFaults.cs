using System.Runtime.CompilerServices;

namespace LstmCluster.Actors;

/// <summary>What the network of a <see cref="SimulatedCluster"/> does to messages between processes. Every case is drawn from the seed of the runtime.</summary>
/// <remarks>Messages between actors of one process, and what the runtime itself sends (connects, watches, stops), have latency at most.</remarks>
public sealed record NetworkFaults
{
    /// <summary>A network that loses, doubles and swaps nothing and takes no time.</summary>
    public static NetworkFaults None { get; } = new();

    /// <summary>Time that a message is on its way.</summary>
    public LinkLatency Latency { get; init; } = LinkLatency.None;

    /// <summary>Probability that a message is lost although the connection lives.</summary>
    public double Loss { get; init; }

    /// <summary>Probability that a message arrives twice, the second time up to <see cref="Straggling"/> later. Needs <see cref="ClusterOptions.Copy"/>.</summary>
    public double Duplication { get; init; }

    /// <summary>Probability that a message does not keep its place among those of its sender and takes up to <see cref="Straggling"/> longer.</summary>
    public double Reordering { get; init; }

    /// <summary>Most that a second arrival, or a message out of line, takes longer.</summary>
    public TimeSpan Straggling { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <exception cref="ArgumentOutOfRangeException">A span is negative, or a probability is none.</exception>
    internal void Validate()
    {
        Latency.Validate();
        RequireProbability(Loss);
        RequireProbability(Duplication);
        RequireProbability(Reordering);
        ArgumentOutOfRangeException.ThrowIfLessThan(Straggling, TimeSpan.Zero);
    }

    internal static void RequireProbability(double value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (value is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(name, value, "a probability is from 0 to 1");
    }
}
