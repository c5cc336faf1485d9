namespace LstmCluster.Training;

/// <summary>A request that is repeated until it is answered: the next time after twice as long as before.</summary>
/// <param name="first">From the request to its first repetition.</param>
sealed class Patience(TimeSpan first)
{
    TimeSpan _next, _delay;

    /// <summary>When the request was made, on the runtime's clock; null when there is none.</summary>
    public TimeSpan? Since { get; private set; }

    /// <summary>The request is made.</summary>
    /// <param name="now">The runtime's clock.</param>
    /// <param name="atLeast">The first repetition does not come before.</param>
    public void Begin(TimeSpan now, TimeSpan atLeast = default)
    {
        _delay = atLeast > first ? atLeast : first;
        (Since, _next) = (now, now + _delay);
    }

    /// <summary>The request is answered.</summary>
    public void End() => Since = null;

    /// <summary>Time since the request; zero when there is none.</summary>
    public TimeSpan Waited(TimeSpan now) => Since is { } since ? now - since : TimeSpan.Zero;

    /// <summary>Looks whether it is time to repeat the request; the next time is then set.</summary>
    public bool IsDue(TimeSpan now)
    {
        if (Since is null || now < _next) return false;
        _delay *= 2;
        _next = now + _delay;
        return true;
    }

    /// <summary>Time until the next repetition starts to count from here.</summary>
    public void Prolong(TimeSpan now)
    {
        if (Since is not null) _next = now + _delay;
    }
}
