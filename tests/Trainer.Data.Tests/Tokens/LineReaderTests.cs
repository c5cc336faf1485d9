using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

public class LineReaderTests
{
    [Fact]
    public void Lines_are_those_of_the_reader_of_the_runtime()
    {
        var texts = from parts in Gen.Elements("", "a", "bc", "\n", "\r", "\r\n", "\n\n", new string('x', 4095), new string('y', 9000)).ListOf() select string.Concat(parts);
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(texts.ToArbitrary(), text =>
        {
            var (expected, found) = (new StringReader(text), new List<string>());
            var lines = new LineReader(new StringReader(text), "x");
            while (lines.MoveNext())
            {
                found.Add(lines.Current.ToString());
                lines.Number.ShouldBe(found.Count);
            }

            var others = new List<string>();
            while (expected.ReadLine() is { } line) others.Add(line);
            found.ShouldBe(others);
        }));
    }

    [Fact]
    public void A_line_that_is_not_UTF8_is_named_about_where_it_is()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("some words\n", 5000))), 0xFF];
        using var reader = new StreamReader(new MemoryStream(bytes), new UTF8Encoding(false, throwOnInvalidBytes: true));
        var lines = new LineReader(reader, "x.txt");

        var message = Should.Throw<UserErrorException>(() =>
        {
            while (lines.MoveNext())
            {
            }
        }).Message;

        message.ShouldContain("not UTF-8 from about here on");
        int.Parse(message.Split(':')[1]).ShouldBeInRange(4000, 5001);
    }
}
