using System.CommandLine;
using System.Globalization;

namespace LstmCluster.Cli.Verbs;

/// <summary>Large numbers as people write them: <c>100M</c>, <c>2.5G</c>.</summary>
static class Quantity
{
    const string Prefixes = "kMGT";

    /// <summary>An option that takes a positive quantity.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">One line.</param>
    public static Option<double?> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N[k|M|G|T]",
        CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            if (TryParse(text, out var value)) return value;
            result.AddError($"{name} must be a positive number such as 250k, 100M or 2.5G, got \"{text}\"");
            return null;
        },
    };

    /// <summary>Reads a quantity.</summary>
    /// <param name="text">Digits, and at most one of k, M, G and T behind them.</param>
    /// <param name="value">What they say.</param>
    public static bool TryParse(string text, out double value)
    {
        var power = text.Length > 0 ? Prefixes.IndexOf(text[^1], StringComparison.Ordinal) + 1 : 0;
        var digits = power > 0 ? text.AsSpan(0, text.Length - 1) : text;
        if (!double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value)) return false;
        value *= Math.Pow(1000, power);
        return value > 0 && double.IsFinite(value);
    }
}
