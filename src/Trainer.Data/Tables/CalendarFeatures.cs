using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>What a model reads of a date: numbers from -1 to 1, with the same bits on every machine.</summary>
static class CalendarFeatures
{
    const int YearHarmonics = 3;
    const double DaysPerYear = 365.25, YearsPerUnit = 10;

    /// <summary>Number of features.</summary>
    public static int Width(CalendarFeature feature) => feature switch
    {
        CalendarFeature.Weekday => 7,
        CalendarFeature.Day => 31,
        CalendarFeature.Month => 12,
        CalendarFeature.Hour => 24,
        CalendarFeature.Yearday => 2 * YearHarmonics,
        CalendarFeature.Daytime => 2,
        CalendarFeature.Trend => 1,
        CalendarFeature.UsHolidays => UsHolidays.Count * 3,
        _ => throw new NotSupportedException($"no features for {feature}"),
    };

    /// <summary>Writes the features of a date.</summary>
    /// <param name="feature">Which ones.</param>
    /// <param name="date">The date.</param>
    /// <param name="first">The first date of what is trained on.</param>
    /// <param name="target">[Width], all zero before.</param>
    public static void Fill(CalendarFeature feature, DateTime date, DateTime first, Span<float> target)
    {
        switch (feature)
        {
            case CalendarFeature.Weekday: target[(int)date.DayOfWeek] = 1; break;
            case CalendarFeature.Day: target[date.Day - 1] = 1; break;
            case CalendarFeature.Month: target[date.Month - 1] = 1; break;
            case CalendarFeature.Hour: target[date.Hour] = 1; break;
            case CalendarFeature.Yearday:
                var year = (date.DayOfYear - 1) / (DateTime.IsLeapYear(date.Year) ? 366.0 : 365.0);
                for (var harmonic = 1; harmonic <= YearHarmonics; harmonic++) Wave(harmonic * year, target[(2 * (harmonic - 1))..]);
                break;
            case CalendarFeature.Daytime: Wave(date.TimeOfDay.Ticks / (double)TimeSpan.TicksPerDay, target); break;
            case CalendarFeature.Trend: target[0] = (float)((date - first).Ticks / (double)TimeSpan.TicksPerDay / DaysPerYear / YearsPerUnit); break;
            case CalendarFeature.UsHolidays:
                // The day before and the day after are days of their own kind.
                for (var shift = -1; shift <= 1; shift++)
                    if (IsDay(date, shift) && UsHolidays.Of(date.AddDays(shift)) is { } holiday)
                        target[((shift + 1) * UsHolidays.Count) + holiday] = 1;
                break;
            default: throw new NotSupportedException($"no features for {feature}");
        }
    }

    /// <summary>False where the calendar of .NET ends.</summary>
    static bool IsDay(DateTime date, int shift) => shift < 0 ? date.Date > DateTime.MinValue : shift == 0 || date.Date < DateTime.MaxValue.Date;

    /// <summary>Sine and cosine of a number of turns.</summary>
    static void Wave(double turns, Span<float> target)
    {
        target[0] = (float)PortableMath.CosPi(2 * Fraction(turns + 0.75));
        target[1] = (float)PortableMath.CosPi(2 * Fraction(turns));
    }

    static double Fraction(double value) => value - Math.Floor(value);
}

/// <summary>Public holidays of the United States by the Uniform Monday Holiday Act, in force since 1971, with what was added to it; the days themselves, not the days off for them.</summary>
static class UsHolidays
{
    /// <summary>Number of holidays.</summary>
    public const int Count = 11;

    /// <summary>The holiday on a day; null when it is none.</summary>
    public static int? Of(DateTime date) => (date.Month, date.Day) switch
    {
        (1, 1) => 0,
        (1, _) when date.Year >= 1986 && IsWeekday(date, DayOfWeek.Monday, 3) => 1,
        (2, _) when IsWeekday(date, DayOfWeek.Monday, 3) => 2,
        (5, > 24) when date.DayOfWeek == DayOfWeek.Monday => 3,
        (6, 19) when date.Year >= 2021 => 4,
        (7, 4) => 5,
        (9, _) when IsWeekday(date, DayOfWeek.Monday, 1) => 6,
        (10, _) when IsWeekday(date, DayOfWeek.Monday, 2) => 7,
        (11, 11) => 8,
        (11, _) when IsWeekday(date, DayOfWeek.Thursday, 4) => 9,
        (12, 25) => 10,
        _ => null,
    };

    /// <summary>True for the so-manieth day of its name in the month.</summary>
    static bool IsWeekday(DateTime date, DayOfWeek day, int ordinal) => date.DayOfWeek == day && (date.Day - 1) / 7 == ordinal - 1;
}
