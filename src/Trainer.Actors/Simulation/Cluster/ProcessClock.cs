namespace LstmCluster.Actors;

/// <summary>The clock of one process: its own date, and its own pace.</summary>
sealed class ProcessClock(SimulatedClock clock, DateTimeOffset start, double drift)
{
    DateTimeOffset _start = start;
    TimeSpan _since = clock.Elapsed;
    TimeSpan _elapsed;
    double _rate = Rate(drift);

    public TimeSpan Elapsed => _elapsed + Local(clock.Elapsed - _since);

    public DateTimeOffset Now => _start + Elapsed;

    /// <summary>Sets the date forward, or back.</summary>
    public void Step(TimeSpan offset) => _start += offset;

    public void Pace(double drift)
    {
        (_elapsed, _since) = (Elapsed, clock.Elapsed);
        _rate = Rate(drift);
    }

    /// <summary>The runtime's time that passes until a span has passed here.</summary>
    public TimeSpan ToTrue(TimeSpan local)
    {
        if (_rate == 1) return local;
        var ticks = Math.Ceiling(local.Ticks / _rate);
        if (ticks >= long.MaxValue / 2) return new TimeSpan(long.MaxValue / 2);
        var span = new TimeSpan((long)ticks);

        // A timer is never early.
        return Local(span) < local ? span + new TimeSpan(1) : span;
    }

    TimeSpan Local(TimeSpan span) => _rate == 1 ? span : new TimeSpan((long)(span.Ticks * _rate));

    static double Rate(double drift)
    {
        if (!(drift > -1) || double.IsInfinity(drift)) throw new ArgumentOutOfRangeException(nameof(drift), drift, "a clock does not run backwards");
        return 1 + drift;
    }
}
