using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

public class SampleDataTests
{
    static readonly Job s_classifier = SampleJobs.Of(new ClassifierTask());

    [Fact]
    public void Columns_are_found_by_name_whatever_stands_between_them()
    {
        var data = s_classifier.Read("id\tout\tnote\tin\n1\tgood\t\tb a b\n\n2\tbad\tx\ta c\n");

        data.Encoding.Inputs!.Decode([1, 2, 3]).ShouldBe("a b c");
        data.Training.Tokens(0).ShouldBe([2, 1, 2]);
        data.Training.Tokens(1).ShouldBe([1, 3]);
        data.Encoding.Classes!.Serialize().ShouldBe("[\"bad\",\"good\"]");
        (data.Training[0].Classes[0], data.Training[1].Classes[0]).ShouldBe((1, 0));
        (data.TrainingExtent, data.ValidationExtent).ShouldBe((new DataExtent(5, 2), null));
    }

    [Fact]
    public void Cells_of_a_csv_file_may_hold_what_separates_them()
    {
        var job = s_classifier.With(data => data with { Format = DataFormat.Csv });

        job.Read("in,out\n\"a, \"\"b\"\"\nc\",\"x,y\"\n").Encoding.ShouldSatisfyAllConditions(
            encoding => encoding.Inputs!.Decode([1, 2, 3]).ShouldBe("\"b\" a, c"),
            encoding => encoding.Classes![0].ShouldBe("x,y"));
    }

    [Fact]
    public void Quotes_in_a_tsv_file_are_characters_like_any_other() =>
        SampleJobs.Of(new ClassifierTask(), TokenKind.Character).Read("in\tout\n\"a\tx\n").Encoding.Inputs!.Decode([1, 2]).ShouldBe("\"a");

    [Fact]
    public void Characters_are_code_points_and_bytes_are_those_of_utf8()
    {
        SampleJobs.Of(new ClassifierTask(), TokenKind.Character).Read("in\tout\n\U0001F600é\tx\n").Training[0].Steps.ShouldBe(2);
        SampleJobs.Of(new ClassifierTask(), TokenKind.Byte).Read("in\tout\né\tx\n").Training.Tokens(0).ShouldBe([0xc3, 0xa9]);
    }

    [Fact]
    public void Tokens_and_target_tokens_that_only_the_held_out_part_has_are_unknown_but_classes_are_not()
    {
        var job = s_classifier.With(data => data with { Validation = 0.5 });
        var (training, heldOut) = (Inputs(0.5, wanted: false).First(), Inputs(0.5, wanted: true).First());
        var data = job.Read($"in\tout\n{training}\tseen\n{heldOut}\tnew\n");

        data.Training.Tokens(0).ShouldBe([1]);
        data.Validation!.Tokens(0).ShouldBe([0]);
        data.Encoding.Classes!.Count.ShouldBe(2);

        var translation = SampleJobs.Of(new SequenceToSequenceTask()).With(options => options with { Validation = 0.5 }).Read($"in\tout\n{training}\tab\n{heldOut}\tbc\n");
        translation.Validation![0].Classes.ShouldBe([2, 0]);
        translation.Encoding.EndToken.ShouldBe(3);
    }

    [Fact]
    public void A_row_stays_on_its_side_whatever_else_the_file_holds_and_so_do_rows_with_its_input()
    {
        var all = Enumerable.Range(0, 300).Select(index => $"w{index}").ToList();
        var job = s_classifier.With(data => data with { Validation = 0.3 });
        var whole = job.Read("in\tout\n" + string.Concat(all.Select(input => $"{input}\tx\n")));
        var part = job.Read("in\tout\n" + string.Concat(all.Where((_, index) => index % 3 > 0).Reverse().SelectMany(input => new[] { $"{input}\tx\n", $"{input}\ty\n" })));

        var heldOut = Words(whole, whole.Validation!);
        heldOut.Count.ShouldBeInRange(60, 120);
        Words(part, part.Training).ShouldBeSubsetOf(Words(whole, whole.Training));
        part.Training.Count.ShouldBe(2 * Words(part, part.Training).Count);
        part.Validation!.Count.ShouldBe(2 * (200 - Words(part, part.Training).Count));
    }

    [Fact]
    public void Numbers_fill_the_features_of_each_time_step()
    {
        var data = SampleJobs.Of(new RegressorTask { Outputs = 3 }, TokenKind.Numbers).Read("in\tout\n1 2  -0.5 4e1\t.5 0 7\n");

        data.Encoding.ShouldBe(new DataEncoding(null));
        data.Training[0].Steps.ShouldBe(2);
        data.Training[0].Features.ShouldBe([1f, 2, -0.5f, 40]);
        data.Training[0].Values.ShouldBe([0.5f, 0, 7]);
    }

    [Fact]
    public void Each_step_has_a_tag()
    {
        var data = SampleJobs.Of(new TaggerTask()).Read("in\tout\nthe whale swims\tDET NOUN VERB\n");

        data.Encoding.Classes!.Serialize().ShouldBe("[\"DET\",\"NOUN\",\"VERB\"]");
        data.Training[0].Classes.ShouldBe([0, 1, 2]);
    }

    [Theory]
    [InlineData(LongerRows.Cut, 2)]
    [InlineData(LongerRows.Skip, 1)]
    public void Longer_rows_are_cut_or_left_out_and_what_is_left_out_is_in_no_vocabulary(LongerRows longer, int rows)
    {
        var job = SampleJobs.Of(new TaggerTask(), length: 2).With(data => data with { Longer = longer });
        var data = job.Read("in\tout\na b c\tX Y Z\na a\tX X\n");

        data.Training.Count.ShouldBe(rows);
        data.Encoding.Inputs!.Size.ShouldBe(longer == LongerRows.Cut ? 3 : 2);
        data.Encoding.Classes!.Count.ShouldBe(longer == LongerRows.Cut ? 2 : 1);
        data.Training[0].Classes.Length.ShouldBe(2);
    }

    [Fact]
    public void A_longer_target_sequence_counts_too()
    {
        var job = SampleJobs.Of(new SequenceToSequenceTask(), length: 2);

        job.Refusal("in\tout\na\txyz\n").ShouldBe("rows.tsv:2: column \"out\" has 3 tokens, expected at most training.length 2; raise it, or set data.longer to cut or skip");
        job.With(data => data with { Longer = LongerRows.Cut }).Read("in\tout\na\txyz\n").Training[0].Classes.ShouldBe([1, 2]);
    }

    [Fact]
    public void Other_rows_have_another_fingerprint()
    {
        string Of(string text) => s_classifier.Read(text).Fingerprint["rows"];

        Of("in\tout\na\tx\n").ShouldBe(Of("out\tin\tmore\nx\ta\t1\n"));
        Of("in\tout\na\tx\n").ShouldNotBe(Of("in\tout\na\ty\n"));
    }

    [Fact]
    public void An_encoding_reads_back_as_it_was_kept() =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(Gen.NonEmptyListOf(Gen.Elements("a", "b c", "\"", "é", "\U0001F600", "x,y", "[1]")).ToArbitrary(), words =>
        {
            foreach (var task in new TaskOptions[] { new ClassifierTask(), new SequenceToSequenceTask() })
            {
                foreach (var tokens in new[] { TokenKind.Character, TokenKind.Word, TokenKind.Byte })
                {
                    var job = SampleJobs.Of(task, tokens, length: 100);
                    var data = job.Read("in\tout\n" + string.Concat(words.Select(word => $"{word}\t{word}\n")));
                    var again = DataEncoding.Parse(data.Encoding.ToMetadata(), job);
                    again.IsSameAs(data.Encoding).ShouldBeTrue();
                    again.Inputs!.Encode(words[0]).ShouldBe(data.Training.Tokens(0));
                    (again.EndToken, again.Classes?.Count).ShouldBe((data.Encoding.EndToken, data.Encoding.Classes?.Count));
                }
            }
        }));

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[\"b\",\"a\"]")]
    [InlineData("[\"a\"")]
    public void A_damaged_list_of_tokens_is_refused(string list)
    {
        Should.Throw<CorruptFileException>(() => Vocabulary.Parse($"known-word:{list}"));
        Should.Throw<CorruptFileException>(() => LabelSet.Parse(list == "[\"b\",\"a\"]" ? "[\"a\",\"a\"]" : list));
    }

    [Fact]
    public void A_missing_part_of_an_encoding_is_named() =>
        Should.Throw<CorruptFileException>(() => DataEncoding.Parse(new Dictionary<string, string> { ["vocabulary"] = "byte" }, s_classifier)).Message.ShouldBe("holds no classes");

    static IEnumerable<string> Inputs(double fraction, bool wanted) =>
        Enumerable.Range(0, 100).Select(index => $"w{index}").Where(input => HeldOut.Has(input, fraction) == wanted);

    static HashSet<string> Words(SampleData data, SampleSet set)
    {
        // Words of the held-out part are all unknown, so only those of training can be told by name; the others are counted by their place.
        var words = new HashSet<string>();
        for (var index = 0; index < set.Count; index++) words.Add(set == data.Training ? data.Encoding.Inputs!.Decode(set.Tokens(index)) : $"#{index}");
        return words;
    }
}
