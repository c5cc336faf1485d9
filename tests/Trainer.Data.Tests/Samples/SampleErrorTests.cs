using System.Text;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

/// <summary>What people get wrong in a file of rows is told by line and column.</summary>
public class SampleErrorTests
{
    static readonly Job s_classifier = SampleJobs.Of(new ClassifierTask(), length: 3);

    [Theory]
    [InlineData("", "rows.tsv: the file is empty, expected a line with the names of the columns, \"in\" and \"out\" among them")]
    [InlineData("text\tout\na\tb\n", "rows.tsv:1: no column is named \"in\" (data.input), there are \"text\", \"out\"")]
    [InlineData("in\tlabel\na\tb\n", "rows.tsv:1: no column is named \"out\" (data.target), there are \"in\", \"label\"")]
    [InlineData("in\tout\tin\na\tb\tc\n", "rows.tsv:1: two columns are named \"in\" (data.input), expected one")]
    [InlineData("in\tout\na\tb\nc\n", "rows.tsv:3: 1 cell, expected 2 as in the first line")]
    [InlineData("in\tout\na\tb\n\nc\td\te\n", "rows.tsv:4: 3 cells, expected 2 as in the first line")]
    [InlineData("in\tout\n \tb\n", "rows.tsv:2: column \"in\" is empty, expected at least one word")]
    [InlineData("in\tout\na\t\n", "rows.tsv:2: column \"out\" is empty, expected the name of a class")]
    [InlineData("in\tout\na\tb\na b c d\tb\n", "rows.tsv:3: column \"in\" has 4 words, expected at most training.length 3; raise it, or set data.longer to cut or skip")]
    [InlineData("in\tout\n", "rows.tsv: 0 rows to train on are too few: one for each of training.shards 1 is needed; give it more rows, or lower training.shards or data.validation")]
    public void A_bad_file_of_a_classifier_is_named(string text, string message) => s_classifier.Refusal(text).ShouldBe(message);

    [Fact]
    public void A_missing_tag_is_named() => SampleJobs.Of(new TaggerTask()).Refusal("in\tout\na b\tX\n").ShouldBe(
        "rows.tsv:2: column \"out\" has 1 tags for 2 steps of the input, expected one for each, with spaces between");

    [Fact]
    public void An_empty_target_sequence_is_named() => SampleJobs.Of(new SequenceToSequenceTask()).Refusal("in\tout\na b\t\n").ShouldBe(
        "rows.tsv:2: column \"out\" is empty, expected at least one token");

    [Theory]
    [InlineData("1 2 3\t1", "column \"in\" holds 3 numbers, expected a multiple of data.features 2")]
    [InlineData("1 x\t1", "column \"in\" holds \"x\", expected decimal numbers such as -0.25 with spaces between")]
    [InlineData("1 1e99\t1", "column \"in\" holds \"1e99\", expected decimal numbers such as -0.25 with spaces between")]
    [InlineData("1 2\tNaN", "column \"out\" holds \"NaN\", expected decimal numbers such as -0.25 with spaces between")]
    [InlineData("1 2\t1 2", "column \"out\" holds \"1 2\", expected one number (task.regressor.outputs)")]
    [InlineData("\t1", "column \"in\" is empty, expected at least one time step")]
    public void A_bad_number_is_named(string row, string message) =>
        SampleJobs.Of(new RegressorTask(), TokenKind.Numbers).Refusal($"in\tout\n{row}\n").ShouldBe($"rows.tsv:2: {message}");

    [Fact]
    public void A_number_that_is_no_probability_is_named_where_one_is_wanted()
    {
        var job = SampleJobs.Of(new RegressorTask());
        job = job with { Model = job.Model with { Loss = new BinaryCrossEntropyOptions() } };

        job.Refusal("in\tout\na\t1\nb\t1.5\n").ShouldBe("rows.tsv:3: column \"out\" holds \"1.5\", expected numbers from 0 to 1 for model.loss: binary-cross-entropy");
    }

    [Fact]
    public void Too_few_rows_to_validate_on_are_named_with_the_remedy() =>
        SampleJobs.Of(new ClassifierTask(), shards: 2).With(data => data with { Validation = 1e-9 }).Refusal("in\tout\na\tx\nb\tx\n").ShouldBe(
            "rows.tsv: 0 rows to validate on are too few: one for each of training.shards 2 is needed; raise data.validation, lower training.shards, or set data.validation: 0");

    [Theory]
    [InlineData("in,out\na,x\na\"b,y\n", "rows.tsv:3: a quote stands where none may")]
    [InlineData("in,out\n\"a\nb\"c,x\nd,x\n", "rows.tsv:2: a quote stands where none may")]
    [InlineData("in,out\na,x\nb,\"x\nc,x\n", "rows.tsv:3: a quote stands where none may")]
    [InlineData("in,\"out\na,x\n", "rows.tsv:1: a quote stands where none may")]
    [InlineData("in,out\n\"a\nb\",x\nc\n", "rows.tsv:4: 1 cell, expected 2")]
    [InlineData("in,out\n\"a\nb\nc\nd\",x\n", "rows.tsv:2: column \"in\" has 4 words")]
    public void Lines_of_a_csv_file_are_counted_as_an_editor_does(string text, string message) =>
        s_classifier.With(data => data with { Format = DataFormat.Csv }).Refusal(text).ShouldStartWith(message);

    [Fact]
    public void A_row_with_a_quote_in_the_wrong_place_is_left_out_where_malformed_ones_are()
    {
        var job = s_classifier.With(data => data with { Format = DataFormat.Csv, OnBadRow = MalformedRows.Skip });
        var data = job.Read("in,out\na,x\n\"b\"c,y\nd\"d,y\n\"e\",\"z\"\nf,\"never closed\ng,x\n");

        data.Encoding.Classes!.Serialize().ShouldBe("[\"x\",\"z\"]");
        data.Training.Count.ShouldBe(2);
        data.Notices.ShouldHaveSingleItem().ShouldStartWith("3 malformed rows were left out (data.onBadRow: skip), the first: rows.tsv:3: a quote stands where none may");
        Should.Throw<UserErrorException>(() => job.Read("in,o\"ut\na,x\n"), "what is wrong with the names of columns is wrong with the file").Message.ShouldStartWith("rows.tsv:1: a quote");
    }

    [Fact]
    public async Task A_file_that_is_not_text_is_named()
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, [.. Encoding.UTF8.GetBytes("in\tout\na\tx\n"), 0xff, 0xfe, .. Encoding.UTF8.GetBytes("\ty\n")]);
            var job = s_classifier.With(data => data with { Source = path });

            var refusal = await Should.ThrowAsync<UserErrorException>(() => JobData.LoadAsync(job, new FetchOptions()));

            refusal.Message.ShouldStartWith($"{path}:");
            refusal.Message.ShouldContain("not UTF-8");
        }
        finally
        {
            File.Delete(path);
        }
    }
}
