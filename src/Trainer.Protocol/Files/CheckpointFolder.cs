using System.Globalization;
using System.Text.RegularExpressions;

namespace LstmCluster.Protocol;

/// <summary>Names in the folder of checkpoints: <c>step-00000100</c> is complete, anything with a dot in front is not.</summary>
static partial class CheckpointFolder
{
    public static string NameOf(long step) => string.Create(CultureInfo.InvariantCulture, $"step-{step:D8}");

    /// <summary>Where a checkpoint is before it is complete, and after it has been given up.</summary>
    public static string TemporaryNameOf(string name, string purpose, string writer) => $".{name}.{purpose}-{writer}";

    public static bool IsTemporary(string name) => name.StartsWith(".step-", StringComparison.Ordinal);

    /// <summary>The step of a complete checkpoint's name, or null for any other name.</summary>
    public static long? StepOf(string name) =>
        Syntax().Match(name) is { Success: true } match && long.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var step) && NameOf(step) == name
            ? step
            : null;

    [GeneratedRegex(@"\Astep-([0-9]{8,18})\z")]
    private static partial Regex Syntax();
}
