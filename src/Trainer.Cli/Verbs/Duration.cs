using System.CommandLine;
using System.Globalization;

namespace LstmCluster.Cli.Verbs;

/// <summary>Times as people write them, and as job files do: <c>500ms</c>, <c>30s</c>, <c>10m</c>, <c>2h</c>.</summary>
static class Duration
{
    // A timer takes no more.
    static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    static readonly (string Suffix, TimeSpan Unit)[] Units =
        [("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1))];

    /// <summary>An option that takes a positive time; null when it is not given.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">One line.</param>
    public static Option<TimeSpan?> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            if (TryParse(text, out var value)) return value;
            result.AddError($"{name} must be a time such as 30s, 10m or 2h, at most 960h, got \"{text}\"");
            return null;
        },
    };

    /// <summary>Reads a time.</summary>
    /// <param name="text">A number and its unit.</param>
    /// <param name="value">What they say; positive, at most 960 hours.</param>
    public static bool TryParse(string text, out TimeSpan value)
    {
        value = default;
        var (suffix, unit) = Array.Find(Units, unit => text.EndsWith(unit.Suffix, StringComparison.Ordinal) && text.Length > unit.Suffix.Length && !char.IsLetter(text[^(unit.Suffix.Length + 1)]));
        if (suffix is null || !double.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
        if (!(number * unit.TotalMilliseconds >= 1) || number * unit.TotalMilliseconds > Longest.TotalMilliseconds) return false;
        value = number * unit;
        return true;
    }
}
