namespace LstmCluster.Training;

/// <summary>Waits between two repetitions of a request: each is twice as long as the one before, up to a limit.</summary>
/// <param name="first">The first wait.</param>
/// <param name="longest">The longest.</param>
public sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    TimeSpan? _next;

    /// <summary>The wait before the next repetition.</summary>
    public TimeSpan Next()
    {
        var wait = _next ?? first;
        _next = TimeSpan.FromTicks(Math.Min(2 * wait.Ticks, longest.Ticks));
        return wait;
    }

    /// <summary>Begins with the first wait again: something else is asked for.</summary>
    public void Reset() => _next = null;
}
