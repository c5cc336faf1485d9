namespace LstmCluster.Actors;

/// <summary>Draws what the network does, always in the order in which messages leave, so that the same seed draws the same.</summary>
sealed class FaultDraws(ulong seed)
{
    SplitMix _bits = new(seed);

    /// <summary>Whether something of a probability happens.</summary>
    public bool Happens(double probability) => probability > 0 && _bits.NextDouble() < probability;

    /// <summary>A span from zero up to, but without, a limit.</summary>
    public TimeSpan UpTo(TimeSpan limit) => limit == TimeSpan.Zero ? limit : _bits.NextSpan(limit);

    /// <summary>Time that one message is on its way.</summary>
    public TimeSpan Latency(LinkLatency latency)
    {
        var span = latency.Minimum;
        if (latency.Jitter > TimeSpan.Zero)
        {
            // The inverse of the distribution function. A square root has the same bits on every machine, a logarithm has not.
            var tail = latency.Jitter.Ticks * ((1 / Math.Sqrt(1 - _bits.NextDouble())) - 1);
            span += new TimeSpan((long)Math.Min(tail, latency.Longest.Ticks));
        }

        if (Happens(latency.SpikeProbability)) span += _bits.NextSpan(latency.Spike);
        return span;
    }
}
