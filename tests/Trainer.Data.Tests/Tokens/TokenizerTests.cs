using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

public class TokenizerTests
{
    static TokenizedText Characters(string text) => TokenizedText.Of(Encoding.UTF8.GetBytes(text), TokenKind.Character, "x.txt");

    static int[] Ids(TokenizedText text) => [.. Enumerable.Range(0, text.Tokens.Count).Select(i => text.Tokens[i])];

    static readonly Gen<string> s_text = Gen.NonEmptyListOf(Gen.Elements("a", "b", "Z", "\r", "\n", "\u00e9", "\u4e2d", "\U0001F600", "\uFEFF", "\0", "\uFFFF")).Select(string.Concat);

    [Fact]
    public void Ids_are_ranks_of_the_sorted_code_points_of_the_whole_text()
    {
        var text = Characters("b\U0001F600a\uFFFDb");

        Ids(text).ShouldBe([1, 3, 0, 2, 1]);
        text.Vocabulary.Size.ShouldBe(4);
    }

    [Fact]
    public void Any_text_is_decoded_to_itself() =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(s_text.ToArbitrary(), s =>
        {
            var text = Characters(s);
            text.Vocabulary.Encode(s).ShouldBe(Ids(text));
            text.Vocabulary.Decode(Ids(text)).ShouldBe(s);
        }));

    [Fact]
    public void A_vocabulary_survives_being_one_string() =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(s_text.ToArbitrary(), s =>
        {
            var text = Characters(s);
            var again = Vocabulary.Parse(text.Vocabulary.Serialize());
            again.Size.ShouldBe(text.Vocabulary.Size);
            again.Encode(s).ShouldBe(Ids(text));
        }));

    [Fact]
    public void Line_ends_and_a_byte_order_mark_are_characters() =>
        Characters("\uFEFFa\r\n").Vocabulary.Decode([0, 1, 2, 3]).ShouldBe("\n\ra\uFEFF");

    [Fact]
    public void Bytes_are_their_own_ids()
    {
        var text = TokenizedText.Of([0, 255, 65], TokenKind.Byte, "x.bin");

        Ids(text).ShouldBe([0, 255, 65]);
        text.Vocabulary.Size.ShouldBe(256);
        text.Vocabulary.Encode("\u00e9").ShouldBe([0xc3, 0xa9]);
        text.Vocabulary.Decode([0xc3, 0xa9]).ShouldBe("\u00e9");
        Vocabulary.Parse(text.Vocabulary.Serialize()).ShouldBeSameAs(Vocabulary.Bytes);
    }

    [Theory]
    [InlineData(new byte[] { 0x61, 0xff, 0x62 }, 1, "FF")]
    [InlineData(new byte[] { 0x61, 0x62, 0xc3 }, 2, "C3")]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 }, 0, "ED")]
    [InlineData(new byte[] { 0xc0, 0x80 }, 0, "C0")]
    public void A_byte_that_is_not_utf8_is_named_with_its_place(byte[] bytes, int at, string hex) =>
        Should.Throw<UserErrorException>(() => TokenizedText.Of(bytes, TokenKind.Character, "x.txt")).Message.ShouldBe(
            $"x.txt: byte {at} (0x{hex}) is not UTF-8, expected UTF-8 text (or data.tokens: byte)");

    [Theory]
    [InlineData(TokenKind.Character)]
    [InlineData(TokenKind.Byte)]
    public void An_empty_text_is_named(TokenKind tokens) =>
        Should.Throw<UserErrorException>(() => TokenizedText.Of([], tokens, "x.txt")).Message.ShouldBe("x.txt: the file is empty, expected a text (data.source)");

    [Theory]
    [InlineData("abx", "the character \"x\" (U+0078) does not occur in the text that the model was trained on (2 characters do)")]
    [InlineData("a\n", "the character U+000A does not occur in the text that the model was trained on (2 characters do)")]
    public void A_character_that_the_vocabulary_lacks_is_named(string prompt, string message) =>
        Should.Throw<UserErrorException>(() => Characters("ab").Vocabulary.Encode(prompt)).Message.ShouldBe(message);

    [Theory]
    [InlineData("")]
    [InlineData("words:a b")]
    [InlineData("char:")]
    [InlineData("char:ba")]
    [InlineData("char:aa")]
    public void A_string_that_is_no_vocabulary_is_refused(string serialized) =>
        Should.Throw<CorruptFileException>(() => Vocabulary.Parse(serialized));

    [Fact]
    public void A_file_that_cannot_be_read_is_named() =>
        Should.Throw<UserErrorException>(() => TokenizedText.Read(new TextFiles(["/no/such/file.txt"]), new DataOptions { Source = "x" }, TokenPlace.Memory)).Message.ShouldStartWith("/no/such/file.txt: the data cannot be read: ");
}
