using System.Globalization;
using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

/// <summary>Dates that mean the same on every machine and every day.</summary>
public class DatePatternTests
{
    [Theory]
    [InlineData("yyyy-M-d", "2001-2-3", "2001-02-03T00:00:00")]
    [InlineData("yyyy-M-d", " 2001-2-3 ", "2001-02-03T00:00:00")]
    [InlineData("yyyy-MM-dd'T'HH:mm:sszzz", "2001-02-03T23:30:00+05:30", "2001-02-03T23:30:00")]
    [InlineData("yyyy-MM-dd'T'HH:mm:sszzz", "2001-02-03T00:30:00-11:00", "2001-02-03T00:30:00")]
    [InlineData("yyyy-MM-dd'T'HH:mm:ssK", "2001-02-03T23:30:00Z", "2001-02-03T23:30:00")]
    [InlineData("yyyy-MM-dd'T'HH:mm:ssK", "2001-02-03T23:30:00", "2001-02-03T23:30:00")]
    [InlineData("o", "2001-02-03T23:30:00.0000000-08:00", "2001-02-03T23:30:00")]
    [InlineData("HH:mm:ss", "07:08:09", "2000-01-01T07:08:09")]
    [InlineData("HH:mm:ss", "00:00:00", "2000-01-01T00:00:00")]
    [InlineData("t", "07:08", "2000-01-01T07:08:00")]
    [InlineData("M-d", "2-29", "2000-02-29T00:00:00")]
    [InlineData("%d", "17", "2000-01-17T00:00:00")]
    [InlineData("d.M. H'y'", "17.3. 4y", "2000-03-17T04:00:00")]
    [InlineData("yyyy", "0001", "0001-01-01T00:00:00")]
    public void A_date_is_what_is_written(string format, string text, string expected)
    {
        new DatePattern(format).TryRead(text, out var date).ShouldBeTrue();

        (date.ToString("s", CultureInfo.InvariantCulture), date.Kind).ShouldBe((expected, DateTimeKind.Unspecified));
    }

    [Theory]
    [InlineData("yyyy-M-d", "2001-13-1")]
    [InlineData("yyyy-M-d", "")]
    [InlineData("HH:mm", "")]
    [InlineData("HH:mm", "24:01")]
    [InlineData("M-d", "2-30")]
    [InlineData("X", "1")]
    public void Another_text_is_none(string format, string text) => new DatePattern(format).TryRead(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("yyyy-M-d", true, true, true)]
    [InlineData("yyyy", true, false, false)]
    [InlineData("'year' M", false, true, false)]
    [InlineData("\\y\\M d", false, false, true)]
    [InlineData("dddd HH:mm", false, false, false)]
    [InlineData("s", true, true, true)]
    [InlineData("M", false, true, true)]
    public void What_a_format_tells_is_known(string format, bool year, bool month, bool day)
    {
        var pattern = new DatePattern(format);

        (pattern.HasYear, pattern.HasMonth, pattern.HasDay).ShouldBe((year, month, day));
    }

    [Theory]
    [InlineData("yyyy-M-d", "2001-2-3")]
    [InlineData("yyyy-MM-dd HH:mm zzz", "2001-02-03 04:05")]
    [InlineData("HH:mmK", "04:05")]
    [InlineData("dzz", "3")]
    [InlineData("yyyy'z'", "2001z")]
    public void A_date_is_written_without_an_offset(string format, string expected) => new DatePattern(format).Write(new DateTime(2001, 2, 3, 4, 5, 6)).ShouldBe(expected);
}
