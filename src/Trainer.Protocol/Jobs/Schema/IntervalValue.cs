using System.Globalization;
using System.Text.RegularExpressions;

namespace LstmCluster.Protocol;

/// <summary>A time (<c>500ms</c>, <c>30s</c>, <c>5m</c>, <c>2h</c>) or a number of steps (<c>100 steps</c>).</summary>
sealed partial class IntervalValue : ScalarValue<CheckpointInterval>
{
    static readonly (string Unit, long Milliseconds)[] s_units = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

    static readonly TimeSpan s_longest = TimeSpan.FromDays(30);

    public override string Type => "time or steps";

    public override string Range => "positive, with a unit: `ms`, `s`, `m`, `h` or `steps`; a time at most 720h";

    protected override string Expectation => "a time such as 30s or 5m (at most 720h), or a number of steps such as 100 steps";

    protected override bool TryParse(string text, out CheckpointInterval value)
    {
        value = new CheckpointBySteps(0);
        var match = Syntax().Match(text);
        if (!match.Success || !int.TryParse(match.Groups["count"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0)
            return false;
        var unit = match.Groups["unit"].Value;
        var scale = s_units.FirstOrDefault(u => u.Unit == unit);
        if (count * scale.Milliseconds > s_longest.TotalMilliseconds)
            return false;
        value = scale.Unit is null ? new CheckpointBySteps(count) : new CheckpointByTime(TimeSpan.FromMilliseconds(count * scale.Milliseconds));
        return true;
    }

    protected override string Format(CheckpointInterval value)
    {
        if (value is CheckpointBySteps { Steps: var steps })
            return $"{steps} {(steps == 1 ? "step" : "steps")}";
        var milliseconds = (long)((CheckpointByTime)value).Time.TotalMilliseconds;
        var (unit, scale) = s_units.First(u => milliseconds % u.Milliseconds == 0);
        return $"{milliseconds / scale}{unit}";
    }

    [GeneratedRegex(@"\A(?<count>[0-9]+) ?(?<unit>ms|s|m|h|steps?)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Syntax();
}
