using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Knows how long assignments take, and so which of them takes too long.</summary>
/// <param name="waits">How much is too long.</param>
sealed class SlowShards(WaitLimits waits)
{
    readonly List<(TimeSpan Duration, int Shards)> _finished = [];
    readonly Dictionary<WorkKind, TimeSpan> _usual = [];
    WorkKind _kind;
    int _sorted;

    /// <summary>Time from the beginning of an assignment to asking for it again: what the last round took, some times over.</summary>
    public TimeSpan RepeatAfter => _usual.TryGetValue(_kind, out var usual) ? Longer(usual * waits.RepeatFactor, waits.LeastRepeat) : waits.FirstRepeat;

    /// <summary>A round begins.</summary>
    public void Begin(WorkKind kind)
    {
        _kind = kind;
        _finished.Clear();
        _sorted = 0;
    }

    /// <summary>An assignment is done.</summary>
    public void Note(Assignment done, TimeSpan now)
    {
        if (done.Duration(now) is { } duration) _finished.Add((duration, done.Shards.Count));
    }

    /// <summary>The round is complete.</summary>
    public void End()
    {
        if (_finished.Count > 0) _usual[_kind] = Median.Duration;
    }

    /// <summary>Time that an assignment may take; null as long as none of the round is finished. One of more shards than the median has the more time.</summary>
    public TimeSpan? Limit(Assignment assignment)
    {
        if (_finished.Count == 0) return null;
        var (duration, shards) = Median;
        return Longer(duration * (waits.SlowFactor * Math.Max(1.0, (double)assignment.Shards.Count / shards)), waits.LeastSlow);
    }

    (TimeSpan Duration, int Shards) Median
    {
        get
        {
            if (_sorted != _finished.Count) _finished.Sort();
            _sorted = _finished.Count;
            return _finished[_finished.Count / 2];
        }
    }

    static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
