using System.Globalization;

namespace LstmCluster.Cli.Display;

/// <summary>Numbers as people read them.</summary>
static class Numbers
{
    /// <summary>1,234,567.</summary>
    public static string Count(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>1 row, 1,234 rows.</summary>
    public static string Count(double value, string noun) => $"{Count(value)} {noun}{(value == 1 ? "" : "s")}";

    /// <summary>Nats, perplexities: four digits after the point, fewer for large ones, and two that say something for small ones.</summary>
    public static string Loss(double value) => value.ToString(
        Math.Abs(value) switch { 0 => "F4", < 0.001 => "0.0E+0", < 100 => "F4", < 1e6 => "F1", _ => "E2" }, CultureInfo.InvariantCulture);

    /// <summary>12.3 %.</summary>
    public static string Percent(double fraction) => string.Create(CultureInfo.InvariantCulture, $"{100 * fraction:F1} %");

    /// <summary>12.34 %.</summary>
    /// <param name="fraction">The number.</param>
    /// <param name="digits">Digits after the point.</param>
    public static string Percent(double fraction, int digits) => (100 * fraction).ToString($"F{digits}", CultureInfo.InvariantCulture) + " %";

    /// <summary>3.4 MB.</summary>
    public static string Bytes(double bytes) => bytes switch
    {
        >= 1e9 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:F1} GB"),
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F1} MB"),
        >= 1e3 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:F1} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes:F0} bytes"),
    };

    /// <summary>0:07, 12:34, 1:02:03.</summary>
    public static string Time(double seconds)
    {
        if (!double.IsFinite(seconds) || seconds > 1e7) return "-";
        var time = TimeSpan.FromSeconds(Math.Round(seconds));
        return time.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:D2}:{time.Seconds:D2}")
            : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:D2}");
    }
}
