using System.Text;
using System.Text.Json;

namespace Trainer.Cli.Tests;

/// <summary>What a person must know to take a figure or an answer for what it is: data that are others, rows that were left out, lines that cannot be told.</summary>
public sealed class EvalAndPredictNoticeTests
{
    [Fact]
    public async Task An_evaluation_on_another_text_of_the_same_length_says_so()
    {
        using var workspace = new Workspace();
        (await workspace.TrainAsync("--set", "training.steps=2", "--set", "data.tokens=byte")).ExitCode.ShouldBe(0);
        var own = await workspace.RunAsync("eval", "runs/small", "--json");
        own.Errors.ShouldBeEmpty();
        own.Last.TryGetProperty("data_changed", out _).ShouldBeFalse();

        var bytes = await File.ReadAllBytesAsync(workspace["text.txt"], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(workspace["text.txt"], [.. bytes.Reverse()], TestContext.Current.CancellationToken);

        var other = await workspace.RunAsync("eval", "runs/small", "--json", "--part", "validation");
        other.ExitCode.ShouldBe(0);
        other.ErrorLines.ShouldHaveSingleItem().ShouldContain("text.txt) are others than when the run was trained (their text differs)");
        other.Last.GetProperty("data_changed").GetBoolean().ShouldBeTrue();
        (await workspace.RunAsync("eval", "runs/small")).ErrorLines.ShouldHaveSingleItem("for people too");
        (await workspace.TrainAsync("--set", "training.steps=4", "--set", "data.tokens=byte", "--resume")).ErrorLines.ShouldHaveSingleItem().ShouldContain("(their text differs)");
    }

    [Fact]
    public async Task An_evaluation_tells_how_many_malformed_rows_it_left_out()
    {
        using var workspace = new Workspace();
        var rows = string.Concat(Enumerable.Range(0, 120).Select(row => $"wave {row}\t{(row % 2 == 0 ? "even" : "odd")}\n"));
        workspace.Write("rows.tsv", $"in\tout\nno target\n{rows}one\ttwo\tthree\n");
        workspace.Write("job.yaml", """
            name: small
            task: classifier
            data: { source: rows.tsv, input: in, target: out, tokens: word, validation: 0.2, onBadRow: skip }
            model: { embedding: 4, layers: [{ lstm: { units: 4 } }] }
            training: { batch: 8, length: 4, shards: 2, steps: 2 }

            """);
        var trained = await workspace.TrainAsync();
        trained.ExitCode.ShouldBe(0, trained.Errors);

        var result = await workspace.RunAsync("eval", "runs/small", "--json");

        result.ExitCode.ShouldBe(0);
        result.ErrorLines.ShouldHaveSingleItem().ShouldContain("2 malformed rows were left out (data.onBadRow: skip), the first: rows.tsv:2");
        result.Last.Number("accuracy").ShouldBeInRange(0, 1);
    }

    [Fact]
    public async Task A_line_with_an_unknown_character_has_no_probability_and_the_lines_behind_it_are_answered()
    {
        using var workspace = new Workspace();
        (await workspace.TrainAsync("--set", "training.steps=2")).ExitCode.ShouldBe(0);
        workspace.Write("lines.txt", "white whale\nwhité whale\nthe sea\n");

        var json = await workspace.RunAsync("predict", "runs/small", "--input", "lines.txt", "--lines");
        json.ExitCode.ShouldBe(0);
        json.Events.Select(line => line.Whole("tokens")).ShouldBe([10, 10, 6]);
        json.Events.Select(line => line.GetProperty("log_probability").ValueKind).ShouldBe([JsonValueKind.Number, JsonValueKind.Null, JsonValueKind.Number]);
        json.Events[1].GetProperty("perplexity").ValueKind.ShouldBe(JsonValueKind.Null);
        json.ErrorLines.ShouldHaveSingleItem().ShouldContain("lines.txt:2: the character \"é\" (U+00E9) does not occur");

        var csv = await workspace.RunAsync("predict", "runs/small", "--input", "lines.txt", "--lines", "--format", "csv");
        csv.Output.Split('\n')[2].ShouldBe("10,,,");
        csv.Output.Split('\n')[3].ShouldStartWith("6,-");
    }

    [Fact]
    public async Task A_prompt_without_a_word_is_refused_before_anything_is_written()
    {
        using var workspace = new Workspace();
        (await workspace.TrainAsync("--set", "training.steps=2", "--set", "data.tokens=word", "--set", "training.batch=4", "--set", "training.shards=4")).ExitCode.ShouldBe(0);

        var result = await workspace.RunAsync("generate", "runs/small", "--prompt", " ", "--length", "3");

        (result.ExitCode, result.Output).ShouldBe((2, ""));
        result.ErrorLines.ShouldHaveSingleItem().ShouldContain("--prompt: there is no word in it");
    }

    [Fact]
    public async Task The_last_line_of_a_job_that_watches_readings_is_its_end_too()
    {
        using var workspace = new Workspace();
        workspace.Write("rows.csv", "y\n" + new StringBuilder().AppendJoin('\n', Enumerable.Range(0, 120).Select(row => 10 + (row % 7))));
        workspace.Write("job.yaml", """
            name: small
            task: { anomaly: { context: 4, horizon: 1 } }
            data: { source: rows.csv, columns: [numeric: { name: y, role: target }], validation: 0.2 }
            model: { layers: [{ lstm: { units: 4 } }] }
            training: { batch: 8, shards: 2, steps: 2 }

            """);

        var result = await workspace.TrainAsync();

        result.ExitCode.ShouldBe(0);
        result.Last.Text("event").ShouldBe("finished");
        result.Events.Count(line => line.Text("event") == "finished").ShouldBe(1);
        result.Events.ShouldContain(line => line.Text("event") == "notice" && line.Text("message").Contains("thresholds", StringComparison.Ordinal));
    }
}
