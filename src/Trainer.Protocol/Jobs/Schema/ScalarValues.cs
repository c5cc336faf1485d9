using System.Globalization;
using System.Text.RegularExpressions;

namespace LstmCluster.Protocol;

/// <summary>A value that is one scalar.</summary>
abstract class ScalarValue<T> : JobValue<T>
{
    /// <summary>What an error says was expected, with its article.</summary>
    protected abstract string Expectation { get; }

    protected abstract bool TryParse(string text, out T value);

    protected abstract string Format(T value);

    public sealed override T Read(JobNode node, string path) =>
        node is ScalarNode { IsNull: false } scalar && TryParse(scalar.Text, out var value) ? value : throw Expected(node, path, Expectation);

    public sealed override JobNode Write(T value) => new ScalarNode("", Format(value));
}

/// <summary>A whole number within bounds, both included.</summary>
sealed class IntegerValue(int minimum, int maximum = int.MaxValue) : ScalarValue<int>
{
    public override string Type => "integer";

    public override string Range => maximum == int.MaxValue ? $"at least {minimum}" : $"{minimum} to {maximum}";

    protected override string Expectation => (minimum, maximum) switch
    {
        (1, int.MaxValue) => "a positive integer",
        (0, int.MaxValue) => "a non-negative integer",
        _ => $"an integer from {minimum} to {maximum}",
    };

    protected override bool TryParse(string text, out int value) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= minimum && value <= maximum;

    protected override string Format(int value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A multiple of a number, from zero up.</summary>
sealed class MultipleValue(int unit) : ScalarValue<int>
{
    public override string Type => "integer";

    public override string Range => $"a multiple of {unit}, or 0";

    protected override string Expectation => $"a multiple of {unit}, or 0";

    protected override bool TryParse(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value % unit == 0;

    protected override string Format(int value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A seed: any 64 bits, as a non-negative integer.</summary>
sealed class SeedValue : ScalarValue<ulong>
{
    public override string Type => "integer";

    public override string Range => $"0 to {ulong.MaxValue}";

    protected override string Expectation => $"an integer from 0 to {ulong.MaxValue}";

    protected override bool TryParse(string text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    protected override string Format(ulong value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A finite number that satisfies a condition, which is also given in words.</summary>
/// <param name="expectation">With its article: <c>a positive number</c>.</param>
/// <param name="range">For the documentation: <c>above 0</c>.</param>
/// <param name="fits">The condition.</param>
sealed class NumberValue(string expectation, string range, Func<double, bool> fits) : ScalarValue<double>
{
    public static readonly NumberValue Any = new("a number", "finite", _ => true);
    public static readonly NumberValue Positive = new("a positive number", "above 0", x => x > 0);
    public static readonly NumberValue NonNegative = new("a number of at least 0", "at least 0", x => x >= 0);
    public static readonly NumberValue Fraction = new("a number from 0 to 1", "0 to 1", x => x is >= 0 and <= 1);
    public static readonly NumberValue PositiveFraction = new("a number above 0 and up to 1", "above 0, up to 1", x => x is > 0 and <= 1);
    public static readonly NumberValue BelowOne = new("a number from 0 up to, but not including, 1", "0 up to, not including, 1", x => x is >= 0 and < 1);

    public override string Type => "number";

    public override string Range => range;

    protected override string Expectation => expectation;

    protected override bool TryParse(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value) && fits(value);

    protected override string Format(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}

/// <summary>Yes or no.</summary>
sealed class BooleanValue : ScalarValue<bool>
{
    public override string Type => "word";

    public override string Range => "`true`, `false`";

    protected override string Expectation => "true or false";

    protected override bool TryParse(string text, out bool value) => (value = text == "true") || text == "false";

    protected override string Format(bool value) => value ? "true" : "false";
}

/// <summary>A text that is not empty.</summary>
sealed class TextValue : ScalarValue<string>
{
    public override string Type => "text";

    public override string Range => "not empty";

    protected override string Expectation => "a text that is not empty";

    protected override bool TryParse(string text, out string value) => (value = text).Length > 0;

    protected override string Format(string value) => value;
}

/// <summary>A name that is also a file name everywhere.</summary>
sealed partial class NameValue : ScalarValue<string>
{
    public override string Type => "text";

    public override string Range => "letters, digits, `.`, `_`, `-`; begins with a letter or digit; at most 100";

    protected override string Expectation => "a name of letters, digits, \".\", \"_\" and \"-\" that begins with a letter or digit";

    protected override bool TryParse(string text, out string value) => Syntax().IsMatch(value = text);

    protected override string Format(string value) => value;

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._\-]{0,99}\z")]
    private static partial Regex Syntax();
}

/// <summary>One of a few words.</summary>
sealed class ChoiceValue<T>(params (string Word, T Value)[] choices) : ScalarValue<T>
    where T : struct, Enum
{
    public override string Type => "word";

    public override string Range => string.Join(", ", choices.Select(c => $"`{c.Word}`"));

    protected override string Expectation => $"one of {string.Join(", ", choices.Select(c => c.Word))}";

    protected override bool TryParse(string text, out T value)
    {
        var found = Array.FindIndex(choices, c => c.Word == text);
        value = found < 0 ? default : choices[found].Value;
        return found >= 0;
    }

    /// <summary>A value as a job file names it.</summary>
    public string WordOf(T value) => Format(value);

    protected override string Format(T value) => choices.First(c => EqualityComparer<T>.Default.Equals(c.Value, value)).Word;
}

/// <summary>True or false.</summary>
sealed class FlagValue : ScalarValue<bool>
{
    public override string Type => "flag";

    public override string Range => "`true`, `false`";

    protected override string Expectation => "true or false";

    protected override bool TryParse(string text, out bool value)
    {
        value = text == "true";
        return text is "true" or "false";
    }

    protected override string Format(bool value) => value ? "true" : "false";
}
