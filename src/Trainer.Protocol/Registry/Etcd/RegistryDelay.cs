namespace LstmCluster.Protocol;

/// <summary>Waits between requests: a steady interval while the registry answers, doubling ones while it does not, with jitter, so that the processes of a run do not ask all at once.</summary>
/// <param name="options">Clock and jitter.</param>
/// <param name="longest">The longest wait while the registry does not answer.</param>
sealed class RegistryDelay(RegistryOptions options, TimeSpan longest)
{
    static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(50);

    TimeSpan _next = s_first;

    /// <summary>After an answer.</summary>
    public Task AfterAnswerAsync(TimeSpan interval, CancellationToken stop)
    {
        _next = s_first;
        return Task.Delay(Jittered(interval), options.TimeProvider, stop);
    }

    /// <summary>After a failure.</summary>
    public Task AfterFailureAsync(CancellationToken stop)
    {
        var delay = Jittered(_next);
        _next = _next * 2 < longest ? _next * 2 : longest;
        return Task.Delay(delay, options.TimeProvider, stop);
    }

    TimeSpan Jittered(TimeSpan delay) => delay * (0.75 + (0.25 * options.Draw()));
}
