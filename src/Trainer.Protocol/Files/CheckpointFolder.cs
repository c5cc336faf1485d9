using System.Globalization;
using System.Text.RegularExpressions;

namespace LstmCluster.Protocol;

/// <summary>Names in the folder of checkpoints: <c>step-00000100</c> is complete, anything with a dot in front is not.</summary>
static partial class CheckpointFolder
{
    public static string NameOf(long step) => string.Create(CultureInfo.InvariantCulture, $"step-{step:D8}");

    /// <summary>Where a checkpoint is before it is complete, and after it has been given up.</summary>
    public static string TemporaryNameOf(string name, string purpose, Term term, string writer) =>
        string.Create(CultureInfo.InvariantCulture, $".{name}.{purpose}-{(term.Value > 0 ? $"t{term.Value}-" : "")}{writer}");

    /// <summary>The term of whoever left an incomplete checkpoint, 0 where it does not say; null for any other name.</summary>
    public static Term? TermOfTemporary(string name)
    {
        if (!name.StartsWith(".step-", StringComparison.Ordinal)) return null;
        return SyntaxOfTerm().Match(name) is { Success: true } match && long.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var term)
            ? new Term(term)
            : new Term(0);
    }

    /// <summary>The step of a complete checkpoint's name, or null for any other name.</summary>
    public static long? StepOf(string name) =>
        Syntax().Match(name) is { Success: true } match && long.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var step) && NameOf(step) == name
            ? step
            : null;

    [GeneratedRegex(@"\Astep-([0-9]{8,18})\z")]
    private static partial Regex Syntax();

    [GeneratedRegex(@"\A\.step-[0-9]+\.[a-z]+-t([0-9]{1,19})-")]
    private static partial Regex SyntaxOfTerm();
}
