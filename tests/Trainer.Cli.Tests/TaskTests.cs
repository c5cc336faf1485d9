using System.Globalization;
using System.Text;

namespace Trainer.Cli.Tests;

/// <summary>Every task of rows through the executable: the same weights for any number of workers and over a resume, and what eval tells.</summary>
public sealed class TaskTests
{
    [Fact]
    public async Task A_classifier_of_words_is_trained_resumed_and_evaluated()
    {
        using var workspace = new Workspace();
        workspace.Write("rows.csv", "label,id,text\n" + Lines(row => $"{(row % 3 == 0 ? "\"low, calm\"" : "high")},{row},\"wave {row % 5} {(row % 3 == 0 ? "small" : "great")}\""));
        Write(workspace, "classifier", "format: csv, input: text, target: label, tokens: word", "layers: [{ lstm: { units: 8, bidirectional: concatenate } }], pooling: mean");

        var hash = await HashAsync(workspace, "--workers", "1", "--run", "whole");
        (await HashAsync(workspace, "--workers", "2", "--run", "parts", "--set", "training.steps=20")).ShouldNotBe(hash);
        (await HashAsync(workspace, "--workers", "3", "--run", "parts", "--resume")).ShouldBe(hash);

        var figures = (await workspace.RunAsync("eval", "parts", "--json")).Last;
        figures.Number("accuracy").ShouldBeInRange(0.8, 1);
        figures.Whole("tokens").ShouldBe(figures.Whole("rows"));
        figures.GetProperty("classes").EnumerateArray().Sum(one => one.Whole("count")).ShouldBe(figures.Whole("rows"));
        figures.GetProperty("classes")[1].Text("class").ShouldBe("low, calm");
        figures.GetProperty("confusion").EnumerateArray().Sum(cell => cell.Whole("count")).ShouldBe(figures.Whole("rows"));
        figures.Number("macro_f1").ShouldBeInRange(0.5, 1);
        var shown = await workspace.RunAsync("eval", "whole");
        shown.Output.ShouldContain("is \\ told");
        shown.Output.ShouldContain("precision");
        shown.Output.ShouldContain("nats per sequence");
        shown.Output.ShouldContain("accuracy");
        shown.Output.ShouldNotContain("perplexity");
        shown.Output.Split('\n').ShouldAllBe(line => line.Length <= 80);
        var refused = await workspace.RunAsync("generate", "whole");
        refused.ExitCode.ShouldBe(2);
        refused.ErrorLines.ShouldHaveSingleItem().ShouldContain("no language model");
    }

    [Fact]
    public async Task A_tagger_of_characters_is_trained_and_evaluated()
    {
        using var workspace = new Workspace();
        workspace.Write("rows.tsv", "in\tout\n" + Lines(row => $"{Word(row)}\t{string.Join(' ', Word(row).Select(letter => letter < 'd' ? "A" : "B"))}"));
        Write(workspace, "tagger", "input: in, target: out", "layers: [{ gru: { units: 8, bidirectional: sum } }]");

        var hash = await HashAsync(workspace, "--workers", "1", "--run", "one");
        (await HashAsync(workspace, "--workers", "3", "--run", "three")).ShouldBe(hash);
        (await workspace.RunAsync("eval", "one", "--json")).Last.Number("accuracy").ShouldBeInRange(0.8, 1);
    }

    [Fact]
    public async Task A_regressor_of_numbers_is_trained_and_evaluated()
    {
        using var workspace = new Workspace();
        workspace.Write("rows.tsv", "in\tout\n" + Lines(row => string.Create(CultureInfo.InvariantCulture, $"{row % 7 * 0.1} 1 {row % 5 * -0.1} {row % 2}\t{row % 7 * 0.1} {row % 2}")));
        Write(workspace, "{ regressor: { outputs: 2 } }", "input: in, target: out, tokens: numbers, features: 2", "layers: [{ lstm: { units: 8 } }], loss: { huber: { delta: 2 } }");

        var hash = await HashAsync(workspace, "--workers", "1", "--run", "one");
        (await HashAsync(workspace, "--workers", "2", "--run", "two")).ShouldBe(hash);
        var figures = (await workspace.RunAsync("eval", "one", "--json")).Last;
        figures.Whole("tokens").ShouldBe(2 * figures.Whole("rows"));
        figures.Number("validation_loss").ShouldBeLessThan(0.1);
        figures.TryGetProperty("perplexity", out _).ShouldBeFalse();
        figures.Number("rmse").ShouldBeGreaterThanOrEqualTo(figures.Number("mae"));
        figures.GetProperty("columns").GetArrayLength().ShouldBe(2);
        (await workspace.RunAsync("eval", "one")).Output.ShouldContain(" per number");
    }

    [Fact]
    public async Task A_forecaster_of_a_table_is_trained_resumed_and_evaluated_on_both_held_out_parts()
    {
        using var workspace = new Workspace();
        workspace.Write("rows.csv", "day,y\n" + Lines(row => string.Create(CultureInfo.InvariantCulture, $"{new DateTime(2000, 1, 1).AddDays(row):yyyy-M-d},{Math.Sin(row * 2 * Math.PI / 7)}")));
        Write(
            workspace, "{ forecaster: { context: 7, horizon: 3, relativeTo: mean } }", "format: csv, test: 0.2, columns: [numeric: { name: y, role: target }, date: { name: day, features: [weekday] }]",
            "layers: [{ lstm: { units: 8, bidirectional: concatenate } }], dropout: 0.1");

        var hash = await HashAsync(workspace, "--workers", "1", "--run", "whole");
        await HashAsync(workspace, "--workers", "2", "--run", "parts", "--set", "training.steps=20");
        (await HashAsync(workspace, "--workers", "3", "--run", "parts", "--resume")).ShouldBe(hash);

        foreach (var part in (string[])["validation", "test"])
        {
            var figures = (await workspace.RunAsync("eval", "parts", "--json", "--part", part)).Last;
            figures.Number("validation_loss").ShouldBeLessThan(0.3, "guessing the mean costs 1");
            figures.Whole("tokens").ShouldBe(3 * figures.Whole("rows"));
        }

        var shown = (await workspace.RunAsync("eval", "whole", "--season", "7")).Output;
        shown.ShouldContain(" per number");
        shown.ShouldContain("y ");
        shown.ShouldContain("mean absolute error");
        shown.Split('\n').ShouldAllBe(line => line.Length <= 80);
        var refused = await workspace.RunAsync("eval", "whole", "--season", "8");
        refused.ExitCode.ShouldBe(2);
        refused.ErrorLines.ShouldHaveSingleItem().ShouldContain("a season of 8 rows");
    }

    [Fact]
    public async Task A_model_of_words_in_several_files_is_trained_and_writes_words()
    {
        using var workspace = new Workspace();
        var words = Workspace.Text(4000).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        for (var file = 0; file < 20; file++) workspace.Write($"speech{file}.txt", string.Join(' ', words[(file * 30)..((file * 30) + 30)]));
        workspace.Write("job.yaml", Workspace.Job.Replace("source: text.txt\n  tokens: char", "source: speech*.txt\n  tokens: word\n  vocabulary: 8\n  split: hash", StringComparison.Ordinal));

        var hash = await HashAsync(workspace, "--workers", "1", "--run", "one", "--set", "training.steps=40");
        (await HashAsync(workspace, "--workers", "3", "--run", "three", "--set", "training.steps=40")).ShouldBe(hash);
        var text = (await workspace.RunAsync("generate", "one", "--length", "20", "--prompt", "white whale")).Output;
        text.Split(' ').ShouldAllBe(word => words.Contains(word) || word == "<unk>");
        text.Split(' ').Length.ShouldBe(22);
        (await workspace.RunAsync("eval", "one")).Output.ShouldContain("nats per word");
    }

    [Fact]
    public async Task A_model_of_sequences_into_sequences_is_trained_and_evaluated_by_a_beam()
    {
        using var workspace = new Workspace();
        workspace.Write("rows.tsv", "in\tout\n" + Lines(row => $"{Word(row)}\t{string.Concat(Word(row).Reverse())}"));
        Write(
            workspace, "seq2seq", "input: in, target: out",
            "layers: [{ lstm: { units: 8, bidirectional: concatenate } }], decoder: { embedding: 8, layers: [{ lstm: { units: 8 } }], attention: general, inputFeeding: true, tied: true }");

        var hash = await HashAsync(workspace, "--workers", "1", "--run", "one");
        (await HashAsync(workspace, "--workers", "3", "--run", "three")).ShouldBe(hash);
        var figures = (await workspace.RunAsync("eval", "one", "--json")).Last;
        figures.Number("exact_matches").ShouldBeInRange(0, 1);
        figures.Number("sequence_error").ShouldBe(1 - figures.Number("exact_matches"), 1e-12);
        figures.Number("token_error").ShouldBeGreaterThanOrEqualTo(0);
        figures.Number("perplexity").ShouldBeGreaterThan(1);
        (await workspace.RunAsync("eval", "one")).Output.ShouldContain("exact matches");
    }

    static async Task<string> HashAsync(Workspace workspace, params string[] arguments) => (await workspace.TrainAsync(arguments)).Hash;

    static void Write(Workspace workspace, string task, string data, string model) => workspace.Write("job.yaml", $$"""
        name: rows
        seed: 3
        task: {{task}}
        data: { source: rows.{{(data.Contains("csv", StringComparison.Ordinal) ? "csv" : "tsv")}}, {{data}}, validation: 0.2 }
        model: { embedding: 8, {{model}} }
        training:
          batch: 12
          length: 16
          shards: 4
          steps: 40
          optimizer: { adam: { rate: 0.02 } }
          checkpoint: { every: 10 steps, keep: 2 }

        """);

    static string Lines(Func<int, string> line)
    {
        var text = new StringBuilder();
        for (var row = 0; row < 120; row++) text.Append(line(row)).Append('\n');
        return text.ToString();
    }

    static string Word(int row) => string.Concat(Enumerable.Range(0, 1 + (row % 4)).Select(letter => (char)('a' + (((row * 5) + (letter * row)) % 6))));
}
