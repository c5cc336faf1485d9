using LstmCluster.Data;

namespace Trainer.Data.Tests;

public class DateStepsTests
{
    [Theory]
    [InlineData("2001-02-27", "2001-02-28", "2001-03-01", "2001-03-02")]
    [InlineData("2001-01-01", "2001-01-08", "2001-01-15", "2001-01-22")]
    [InlineData("2001-01-15", "2001-02-15", "2001-03-15", "2001-04-15")]
    [InlineData("2000-11-30", "2000-12-31", "2001-01-31", "2001-02-28")]
    [InlineData("2001-01-01", "2001-04-01", "2001-07-01", "2001-10-01")]
    [InlineData("2000-02-29", "2001-02-28", "2002-02-28", "2003-02-28")]
    [InlineData("2001-01-01 22:00", "2001-01-01 23:30", "2001-01-02 01:00", "2001-01-02 02:30")]
    public void Dates_go_on_by_whole_months_or_by_the_same_time(params string[] dates)
    {
        var steps = new DateSteps();
        foreach (var date in dates[..2]) steps.Take(Date(date));
        foreach (var date in dates[2..])
        {
            steps.Next().ShouldBe(Date(date));
            steps.Take(Date(date));
        }
    }

    [Theory]
    [InlineData("2001-01-01")]
    [InlineData("2001-01-01", "2001-01-01")]
    [InlineData("2001-01-02", "2001-01-01")]
    [InlineData("9999-12-30", "9999-12-31")]
    public void Without_two_dates_that_rise_nothing_follows(params string[] dates)
    {
        var steps = new DateSteps();
        foreach (var date in dates) steps.Take(Date(date));

        steps.Next().ShouldBeNull();
    }

    static DateTime Date(string text) => DateTime.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
