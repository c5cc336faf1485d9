using System.Globalization;
using System.Text;

namespace LstmCluster.Protocol;

/// <summary>How dates are written (<c>data.columns[].date.format</c>). What is read of a text depends neither on the machine's time zone nor on the day on which it is read.</summary>
public sealed class DatePattern
{
    // A leap year, so that the 29th of February is a day of it.
    const string YearOfOthers = "2000";

    readonly string _format, _written;

    /// <summary>Takes a format apart.</summary>
    /// <param name="format">A custom date format of .NET, or one of its letters for a standard one.</param>
    public DatePattern(string format)
    {
        ArgumentNullException.ThrowIfNull(format);
        _format = format.Length == 1 ? Standard(format[0]) ?? format : format;
        var (written, at) = (new StringBuilder(), 0);
        foreach (var run in Runs(_format))
        {
            switch (run.Letter)
            {
                case 'y': HasYear = true; break;
                case 'M': HasMonth = true; break;
                case 'd':
                    HasDay |= run.Length <= 2;
                    HasDayName |= run.Length > 2;
                    break;
                case 'z' or 'K':
                    written.Append(_format, at, run.Start - at);
                    at = run.Start + run.Length;
                    break;
                default: break;
            }
        }

        _written = written.Append(_format, at, _format.Length - at).ToString().Trim();
        if (_written.Length == 1) _written = "%" + _written;
    }

    /// <summary>True when it tells the year.</summary>
    public bool HasYear { get; }

    /// <summary>True when it tells the month.</summary>
    public bool HasMonth { get; }

    /// <summary>True when it tells the day of the month.</summary>
    public bool HasDay { get; }

    /// <summary>True when it names the day of the week, which is checked and needs the year.</summary>
    public bool HasDayName { get; }

    /// <summary>Reads a date: the clock as it is written, whatever offset from UTC stands beside it. Without a year it is in 2000, without month and day on the first of January.</summary>
    /// <param name="text">The text.</param>
    /// <param name="date">The date, of no time zone.</param>
    /// <returns>False when the text is no such date.</returns>
    public bool TryRead(string text, out DateTime date)
    {
        // .NET fills in the present year where there is none, and today where there is no date at all.
        var (whole, format) = HasYear ? (text, _format) : ($"{YearOfOthers} {text}", $"yyyy {_format}");
        // An offset that is not written counts as none, so that no time zone of the machine is asked for.
        var isRead = DateTimeOffset.TryParseExact(whole, format, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces | DateTimeStyles.AssumeUniversal, out var read);
        date = read.DateTime;
        return isRead;
    }

    /// <summary>Writes a date, without an offset from UTC, which it does not have.</summary>
    public string Write(DateTime date) => _written.Length == 0 ? "" : DateTime.SpecifyKind(date, DateTimeKind.Unspecified).ToString(_written, CultureInfo.InvariantCulture);

    static string? Standard(char letter)
    {
        try
        {
            return CultureInfo.InvariantCulture.DateTimeFormat.GetAllDateTimePatterns(letter)[0];
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The runs of equal letters that stand for something, outside of quotes.</summary>
    static IEnumerable<(char Letter, int Start, int Length)> Runs(string format)
    {
        for (var at = 0; at < format.Length;)
        {
            var letter = format[at];
            if (letter == '\\')
            {
                at += 2;
            }
            else if (letter is '\'' or '"')
            {
                var end = format.IndexOf(letter, at + 1);
                at = end < 0 ? format.Length : end + 1;
            }
            else
            {
                var start = at;
                while (at < format.Length && format[at] == letter) at++;
                if (char.IsAsciiLetter(letter)) yield return (letter, start, at - start);
            }
        }
    }
}
