namespace LstmCluster.Actors;

/// <summary>Exponential back-off with jitter, so that nodes that lost the same connection do not all come back at the same moment.</summary>
sealed class RetryDelay(NetworkOptions options, Random random)
{
    TimeSpan _next = options.FirstRetryDelay;

    /// <summary>Between a half and the whole of a delay that doubles each time.</summary>
    public TimeSpan Next()
    {
        var delay = _next * (0.5 + (0.5 * random.NextDouble()));
        _next = _next * 2 < options.MaxRetryDelay ? _next * 2 : options.MaxRetryDelay;
        return delay;
    }

    public void Reset() => _next = options.FirstRetryDelay;
}
