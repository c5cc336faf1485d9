namespace LstmCluster.Training;

/// <summary>A request that is repeated until it is answered: the next time after twice as long as before, up to a limit.</summary>
/// <remarks>The limit keeps repetitions many within the time after which the request is given up: a network that loses a few messages must not look like a silent server.</remarks>
/// <param name="first">From the request to its first repetition.</param>
sealed class Patience(TimeSpan first)
{
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    TimeSpan _next, _delay, _longest = Longest;

    /// <summary>When the request was made, on the runtime's clock; null when there is none.</summary>
    public TimeSpan? Since { get; private set; }

    /// <summary>The request is made.</summary>
    /// <param name="now">The runtime's clock.</param>
    /// <param name="atLeast">The first repetition does not come before. Where this is longer than the limit, it is the limit.</param>
    public void Begin(TimeSpan now, TimeSpan atLeast = default)
    {
        _delay = Longer(atLeast, first);
        _longest = Longer(_delay, Longest);
        (Since, _next) = (now, now + _delay);
    }

    /// <summary>The request is answered.</summary>
    public void End() => Since = null;

    /// <summary>Time since the request; zero when there is none.</summary>
    public TimeSpan Waited(TimeSpan now) => Since is { } since ? now - since : TimeSpan.Zero;

    /// <summary>Time after which it is to be given up: long enough for some repetitions.</summary>
    /// <param name="usual">The time where repetitions are frequent.</param>
    public TimeSpan Limit(TimeSpan usual) => Longer(usual, _longest * 6);

    /// <summary>Looks whether it is time to repeat the request; the next time is then set.</summary>
    public bool IsDue(TimeSpan now)
    {
        if (Since is null || now < _next) return false;
        _delay = _delay * 2 < _longest ? _delay * 2 : _longest;
        _next = now + _delay;
        return true;
    }

    /// <summary>Time until the next repetition starts to count from here.</summary>
    public void Prolong(TimeSpan now)
    {
        if (Since is not null) _next = now + _delay;
    }

    static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
