using System.Text;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

public class CodePointReaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(70_000)]
    public void Code_points_are_found_however_the_bytes_come(int atOnce)
    {
        var text = string.Concat(Enumerable.Repeat("a\u00e9\u2603\U0001F433\n", 20_000));
        var reader = new CodePointReader(new Trickle(Encoding.UTF8.GetBytes(text), atOnce), "x");
        foreach (var rune in text.EnumerateRunes())
        {
            reader.MoveNext().ShouldBeTrue();
            if (reader.Current != rune.Value) reader.Current.ShouldBe(rune.Value);
        }

        reader.MoveNext().ShouldBeFalse();
    }

    [Theory]
    [InlineData(new byte[] { 0x61, 0xC3, 0xA9, 0xFF }, "byte 3 (0xFF)")]
    [InlineData(new byte[] { 0x61, 0xE2, 0x98 }, "byte 1 (0xE2)")]
    public void What_is_no_character_is_named(byte[] bytes, string place)
    {
        var reader = new CodePointReader(new Trickle(bytes, 1), "x.txt");

        Should.Throw<UserErrorException>(() =>
        {
            while (reader.MoveNext())
            {
            }
        }).Message.ShouldBe($"x.txt: {place} is not UTF-8, expected UTF-8 text (or data.tokens: byte)");
    }

    /// <summary>Gives a few bytes at once.</summary>
    sealed class Trickle(byte[] bytes, int atOnce) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, atOnce)]);
    }
}
