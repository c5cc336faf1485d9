using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

/// <summary>Text whose writer may pause.</summary>
public class PromptTextTests
{
    [Theory]
    [InlineData(64, 16)]
    [InlineData(128, 64)]
    public void Rows_that_came_at_once_are_handed_out_before_more_is_asked_for(int bytes, int count)
    {
        // As many bytes as the buffers of readers have.
        var rows = Enumerable.Range(0, count).Select(row => $"{row:D4}\t".PadRight(bytes - 1, 'x') + "\n").ToList();
        using var stream = new Pieces(["id\ttext\n", string.Concat(rows)]);
        var data = new DataOptions { Source = "rows.tsv", Format = DataFormat.Tsv, Input = "id", Target = "text", Tokens = TokenKind.Word };
        using var inputs = InputRows.Read(stream, "new", data, plain: false).GetEnumerator();

        for (var row = 0; row < count; row++)
        {
            inputs.MoveNext().ShouldBeTrue();
            inputs.Current.ShouldBe(new InputRow(row + 2, $"{row:D4}"));
            stream.Asked.ShouldBeLessThanOrEqualTo(2 + (bytes * row / PieceBytes), "nothing has come behind what was read");
        }

        inputs.MoveNext().ShouldBeFalse();
    }

    const int PieceBytes = 1 << 12;

    [Fact]
    public void A_line_that_ends_with_a_carriage_return_is_handed_out_before_it_is_known_what_follows()
    {
        using var stream = new Pieces(["a\r", "\nb\r", "c\r\n", "\n"]);
        using var text = new PromptText(stream, Encoding.UTF8);

        (text.ReadLine(), stream.Asked).ShouldBe(("a", 1));
        (text.ReadLine(), stream.Asked).ShouldBe(("b", 2));
        (text.ReadLine(), stream.Asked).ShouldBe(("c", 3));
        (text.ReadLine(), text.ReadLine()).ShouldBe(("", null));
    }

    [Fact]
    public void Lines_and_characters_are_those_of_the_whole_text_however_it_comes_in_pieces() => Prop.ForAll(
        Gen.Elements("a", "é", "☃", "🐳", "\n", "\r", "\r\n", "", "bc").ListOf().ToArbitrary(), Gen.Choose(1, 9).ToArbitrary(),
        (words, size) =>
        {
            var text = string.Concat(words);
            byte[] bytes = [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text)];
            using var lines = new PromptText(new Pieces(bytes.Chunk(size)), Encoding.UTF8);
            using var characters = new PromptText(new Pieces(bytes.Chunk(size)), Encoding.UTF8);
            using var expected = new StringReader(text);
            while (expected.ReadLine() is { } line) lines.ReadLine().ShouldBe(line);
            lines.ReadLine().ShouldBeNull();
            characters.ReadToEnd().ShouldBe(text);
        }).QuickCheckThrowOnFailure();

    /// <summary>A stream like a pipe: each read gives what one write put there, or the beginning of it.</summary>
    sealed class Pieces(IEnumerable<byte[]> pieces) : MemoryStream
    {
        readonly Queue<byte[]> _pieces = new(pieces);
        byte[] _rest = [];

        public Pieces(IEnumerable<string> pieces)
            : this(pieces.Select(Encoding.UTF8.GetBytes))
        {
        }

        public int Asked { get; private set; }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            Asked++;
            if (_rest.Length == 0 && !_pieces.TryDequeue(out _rest!)) return (_rest = []).Length;
            var count = Math.Min(buffer.Length, _rest.Length);
            _rest.AsSpan(0, count).CopyTo(buffer);
            _rest = _rest[count..];
            return count;
        }
    }
}
