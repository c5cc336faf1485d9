using System.Globalization;

namespace LstmCluster.Training;

/// <summary>A wait that nothing follows from but that a person hears of it, again and again.</summary>
/// <param name="interval">From its beginning to the first report, and from each to the next.</param>
sealed class Overtime(TimeSpan interval)
{
    TimeSpan? _since;
    TimeSpan _next;

    /// <summary>The wait begins.</summary>
    public void Begin(TimeSpan now) => (_since, _next) = (now, now + interval);

    /// <summary>It is over.</summary>
    public void End() => _since = null;

    /// <summary>Looks whether it is time to report it; the next time is then set.</summary>
    public bool IsDue(TimeSpan now)
    {
        if (_since is null || now < _next) return false;
        _next += interval;
        return true;
    }

    /// <summary>How long it has been, in words.</summary>
    public string Words(TimeSpan now) => string.Create(CultureInfo.InvariantCulture, $"{(now - _since!.Value).TotalSeconds:F1} s");
}
