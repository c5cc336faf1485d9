using System.Text;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

/// <summary>Inputs of a model that is used, line by line.</summary>
public class InputTests
{
    static readonly DataOptions s_tsv = new() { Source = "rows.tsv", Format = DataFormat.Tsv, Input = "text", Target = "label", Tokens = TokenKind.Word };
    static readonly DataEncoding s_words = new(Vocabulary.Parse("known-word:[\"a\",\"b\"]"));

    [Theory]
    [InlineData(DataFormat.Tsv, "id\ttext\n1\ta b\n2\tb\n")]
    [InlineData(DataFormat.Csv, "text,id\n\"a b\",1\nb,2\n")]
    public void The_column_of_the_inputs_is_found_by_its_name(DataFormat format, string text) =>
        Read(text, s_tsv with { Format = format }).ShouldBe([new InputRow(2, "a b"), new InputRow(3, "b")]);

    [Fact]
    public void Plain_lines_have_no_header() => Read("a b\nb", s_tsv, plain: true).ShouldBe([new InputRow(1, "a b"), new InputRow(2, "b")]);

    [Theory]
    [InlineData("words\tlabel\na\tb\n", "new:1: no column is named \"text\" (data.input), there are \"words\", \"label\"")]
    [InlineData("text\tlabel\na\tb\nc\n", "new:3: 1 cell, expected 2")]
    [InlineData("", "new: the file is empty, expected a line with the names of the columns, \"text\"")]
    [InlineData("text\ta\n\u00FF\t1", "not UTF-8")]
    public void What_is_wrong_with_a_file_is_named(string text, string message) =>
        Should.Throw<UserErrorException>(() => Read(text, s_tsv, encoding: Encoding.Latin1)).Message.ShouldContain(message);

    [Fact]
    public void Each_line_is_handed_out_before_the_next_one_is_waited_for()
    {
        foreach (var plain in new[] { true, false })
        {
            using var stream = new Trickle(plain ? [] : ["text\tid\n"], ["a\t1\n", "b\t2\n", "a b\t3\n"]);
            var handedOut = 0;
            foreach (var row in InputRows.Read(stream, "new", s_tsv, plain))
            {
                row.Text.ShouldStartWith("ab"[handedOut % 2].ToString());
                stream.LinesGiven.ShouldBe(++handedOut);
            }

            handedOut.ShouldBe(3);
        }
    }

    [Fact]
    public void Words_that_were_not_trained_on_are_the_unknown_one()
    {
        var sample = Encoder(s_tsv).Encode("b never a");
        (sample.Steps, string.Join(' ', sample.Tokens)).ShouldBe((3, "2 0 1"));
    }

    [Fact]
    public void Inputs_are_cut_where_they_were_in_training_but_never_those_of_a_tagger()
    {
        var cut = s_tsv with { Longer = LongerRows.Cut };
        Encoder(cut).Encode("a b a b").Steps.ShouldBe(3);
        Encoder(cut, new TaggerTask()).Encode("a b a b").Steps.ShouldBe(4);
        Encoder(s_tsv with { Longer = LongerRows.Fail }).Encode("a b a b").Steps.ShouldBe(4);
    }

    [Fact]
    public void Words_whose_characters_are_read_are_joined_as_in_training_and_answered_at_their_ends()
    {
        var encoder = new InputEncoder(Job(new DataOptions { Source = "", Format = DataFormat.Tagged, Tokens = TokenKind.Character }, new TaggerTask()), new DataEncoding(Vocabulary.Parse("known-char:[\" \",\"a\",\"b\"]")));

        var sample = encoder.Encode("\ta  b🐳 \u00a0ab ");

        (sample.Steps, string.Join(' ', sample.Tokens)).ShouldBe((7, "2 1 3 0 1 2 3"));
        sample.AnsweredSteps.ShouldBe([0, 3, 6]);
        Should.Throw<UserErrorException>(() => encoder.Encode(" \t")).Message.ShouldContain("is empty");
        Encoder(s_tsv, new TaggerTask()).Encode("a b").AnsweredSteps.ShouldBeNull("each step has a tag where the cells say so");
    }

    [Fact]
    public void A_text_with_a_character_that_has_no_token_cannot_be_told_and_says_where()
    {
        var encoder = new InputEncoder(Job(new DataOptions { Source = "" }, new LanguageModelTask()), new DataEncoding(Vocabulary.Parse("char:ab")));

        var sample = encoder.Encode("a🐳b", "new", 7);

        (sample.Steps, sample.Tokens.Length).ShouldBe((3, 0));
        sample.Flaw.ShouldBe("new:7: the character \"🐳\" (U+1F433) does not occur in the text that the model was trained on (2 characters do), so this line has no probability");
        encoder.Encode("ab").Flaw.ShouldBeNull();
    }

    [Theory]
    [InlineData("", "new:7: column \"text\" is empty, expected at least one time step")]
    [InlineData("1 2 3", "holds 3 numbers, expected a multiple of data.features 2")]
    [InlineData("1 x", "holds \"x\", expected decimal numbers")]
    public void Numbers_that_do_not_fit_are_named_with_their_line(string text, string message)
    {
        var encoder = new InputEncoder(Job(s_tsv with { Tokens = TokenKind.Numbers, Features = 2 }, new RegressorTask()), new DataEncoding(null));

        encoder.Encode("1 2 3 4").Features.ShouldBe([1, 2, 3, 4]);
        Should.Throw<UserErrorException>(() => encoder.Encode(text, "new", 7)).Message.ShouldContain(message);
    }

    [Fact]
    public void An_input_without_words_is_refused() =>
        Should.Throw<UserErrorException>(() => Encoder(s_tsv).Encode("  ")).Message.ShouldBe("input:1: column \"text\" is empty, expected at least one word");

    static InputEncoder Encoder(DataOptions data, TaskOptions? task = null) => new(Job(data, task ?? new ClassifierTask()), s_words);

    static Job Job(DataOptions data, TaskOptions task) => new()
    {
        Name = "x",
        Task = task,
        Data = data,
        Model = new ModelOptions { Layers = [new LstmLayerOptions { Units = 1 }] },
        Training = new TrainingOptions { Batch = 1, Length = 3, Shards = 1, Steps = 1 },
    };

    static List<InputRow> Read(string text, DataOptions data, bool plain = false, Encoding? encoding = null)
    {
        using var stream = new MemoryStream((encoding ?? Encoding.UTF8).GetBytes(text));
        return [.. InputRows.Read(stream, "new", data, plain)];
    }

    /// <summary>A stream like a pipe: each read gives one line at most, and nobody may read ahead.</summary>
    sealed class Trickle(string[] header, string[] lines) : MemoryStream
    {
        readonly Queue<string> _rest = new([.. header, .. lines]);

        public int LinesGiven { get; private set; } = -header.Length;

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (!_rest.TryDequeue(out var line)) return 0;
            LinesGiven++;
            return Encoding.UTF8.GetBytes(line, buffer);
        }
    }
}
