namespace LstmCluster.Actors;

/// <summary>Exponential back-off with jitter, so that nodes that lost the same connection do not all come back at the same moment.</summary>
sealed class RetryDelay(TimeSpan first, TimeSpan longest, Random random)
{
    int _doublings;

    /// <summary>Between a half and the whole of a delay that doubles each time.</summary>
    public TimeSpan Next()
    {
        var delay = first * Math.Pow(2, _doublings);
        if (delay < longest) _doublings++;
        else delay = longest;
        return delay * (0.5 + (0.5 * random.NextDouble()));
    }

    public void Reset() => _doublings = 0;
}
