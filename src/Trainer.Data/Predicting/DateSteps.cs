namespace LstmCluster.Data;

/// <summary>Continues dates as the last two of them went on: by whole months where they have the same place in a month, else by the same time.</summary>
sealed class DateSteps
{
    DateTime? _before, _last;

    /// <summary>Takes in the next date.</summary>
    public void Take(DateTime date) => (_before, _last) = (_last, date);

    /// <summary>The date that follows; null where there are no two dates that rise, or where the calendar ends.</summary>
    public DateTime? Next()
    {
        if (_before is not { } before || _last is not { } last || last <= before) return null;
        try
        {
            if (Months(before, last) is not { } months) return last + (last - before);
            var next = last.AddMonths(months);
            return IsLastOfMonth(before) && IsLastOfMonth(last) ? next.AddDays(DateTime.DaysInMonth(next.Year, next.Month) - next.Day) : next;
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    static int? Months(DateTime before, DateTime last)
    {
        var months = ((last.Year - before.Year) * 12) + last.Month - before.Month;
        var isSamePlace = last.Day == before.Day || (IsLastOfMonth(before) && IsLastOfMonth(last));
        return months > 0 && isSamePlace && last.TimeOfDay == before.TimeOfDay ? months : null;
    }

    static bool IsLastOfMonth(DateTime date) => date.Day == DateTime.DaysInMonth(date.Year, date.Month);
}
