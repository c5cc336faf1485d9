namespace LstmCluster.Actors;

/// <summary>One direction of a machine's link to the network: bytes go over it one message after another.</summary>
sealed class LinkQueue
{
    TimeSpan _free;

    public double BytesPerSecond { get; set; } = double.PositiveInfinity;

    public bool IsLimited => !double.IsPositiveInfinity(BytesPerSecond);

    /// <summary>Time that some bytes take.</summary>
    public TimeSpan TimeFor(long bytes) => IsLimited ? new TimeSpan((long)Math.Ceiling(bytes * (TimeSpan.TicksPerSecond / BytesPerSecond))) : TimeSpan.Zero;

    /// <summary>Takes the link for some bytes as soon as it is free.</summary>
    /// <returns>When their first one passes, and when their last one has.</returns>
    public (TimeSpan First, TimeSpan Last) Take(TimeSpan now, long bytes)
    {
        if (!IsLimited) return (now, now);
        var first = now > _free ? now : _free;
        _free = first + TimeFor(bytes);
        return (first, _free);
    }
}
