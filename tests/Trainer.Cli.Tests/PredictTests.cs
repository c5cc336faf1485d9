using System.Diagnostics;
using System.Text;

namespace Trainer.Cli.Tests;

/// <summary>What a run has learned is used on new inputs, with nothing but its directory.</summary>
public sealed class PredictTests
{
    [Fact]
    public async Task A_classifier_answers_files_and_standard_input_line_by_line()
    {
        using var workspace = new Workspace();
        workspace.Write("rows.csv", "label,text\n" + Lines(120, row => $"{(row % 3 == 0 ? "\"low, calm\"" : "high")},wave {row % 5} {(row % 3 == 0 ? "small" : "great")}"));
        Write(workspace, "classifier", "rows.csv", "format: csv, input: text, target: label, tokens: word", "layers: [{ lstm: { units: 8, bidirectional: concatenate } }], pooling: mean");
        (await workspace.TrainAsync("--run", "run")).ExitCode.ShouldBe(0);
        workspace.Copy("run", "elsewhere/model");
        File.Delete(workspace["rows.csv"]);
        workspace.Write("new.csv", "id,text\n1,wave 3 small\n2,wave 3 great\n3,wave never-seen great\n");

        var csv = (await workspace.RunAsync("predict", "elsewhere/model", "--input", "new.csv", "--format", "csv")).Output.Split('\n');
        csv[0].ShouldBe("class,probability");
        csv[1].ShouldStartWith("\"low, calm\",0.");
        csv[2].ShouldStartWith("high,0.");
        csv[3].ShouldStartWith("high,0.");
        csv.Length.ShouldBe(5);
        var json = (await workspace.RunAsync("predict", "elsewhere/model", "--input", "new.csv")).Events;
        json.Select(line => line.Text("class")).ShouldBe(["low, calm", "high", "high"]);
        json[0].GetProperty("probabilities").Number("low, calm").ShouldBe(json[0].Number("probability"));

        await AnswersComeBeforeTheNextLineAsync(workspace);
        await MistakesAreNamedAsync(workspace);
        await EvaluationNeedsTheDataAsync(workspace);
    }

    [Fact]
    public async Task A_model_of_sequences_writes_the_best_ones()
    {
        using var workspace = new Workspace();
        workspace.Write("rows.tsv", "in\tout\n" + Lines(120, row => $"{(char)('a' + (row % 6))}{(char)('a' + (row / 6 % 6))}\t{(char)('a' + (row % 6))}"));
        Write(workspace, "seq2seq", "rows.tsv", "input: in, target: out", "layers: [{ lstm: { units: 8 } }], decoder: { layers: [{ lstm: { units: 8 } }], attention: general }");
        (await workspace.TrainAsync("--run", "run")).ExitCode.ShouldBe(0);
        workspace.Write("lines.txt", "ab\nba\n");

        var lines = (await workspace.RunAsync("predict", "run", "--input", "lines.txt", "--lines", "--best", "2")).Events;
        lines.Count.ShouldBe(2);
        lines[0].GetProperty("found").GetArrayLength().ShouldBe(2);
        lines[0].GetProperty("found")[0].Text("output").ShouldBe(lines[0].Text("output"));
        (await workspace.RunAsync("predict", "run", "--input", "lines.txt", "--lines", "--format", "csv")).Output.ShouldStartWith("output,log_probability\n" + lines[0].Text("output") + ",-");
        var refused = await workspace.RunAsync("predict", "run", "--input", "lines.txt", "--beams", "2", "--best", "3");
        (refused.ExitCode, refused.ErrorLines.Count).ShouldBe((2, 1));
    }

    static async Task AnswersComeBeforeTheNextLineAsync(Workspace workspace)
    {
        var start = new ProcessStartInfo(Command.Executable, ["predict", "run", "--input", "-", "--lines", "--format", "csv"])
        {
            WorkingDirectory = workspace.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        (await AnswerAsync()).ShouldBe("class,probability");
        foreach (var (input, expected) in new[] { ("wave 1 small", "\"low, calm\""), ("wave 1 great", "high"), ("wave 2 small", "\"low, calm\"") })
        {
            await process.StandardInput.WriteLineAsync(input);
            await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            (await AnswerAsync()).ShouldStartWith(expected + ",");
        }

        process.StandardInput.Close();
        (await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0);

        // The limit only turns a hang into a failure.
        async Task<string> AnswerAsync() =>
            (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken)).ShouldNotBeNull();
    }

    static async Task MistakesAreNamedAsync(Workspace workspace)
    {
        workspace.Write("other.csv", "id,words\n1,wave\n");
        workspace.Write("empty.csv", "text,id\nwave,1\n,2\n");
        foreach (var (arguments, message) in new[]
        {
            ("predict run --input other.csv", "other.csv:1: no column is named \"text\" (data.input), there are \"id\", \"words\""),
            ("predict run --input empty.csv", "empty.csv:3: column \"text\" is empty, expected at least one word"),
            ("predict run --input nowhere.csv", "nowhere.csv"),
            ("predict nowhere --input other.csv", "nowhere: is no run directory"),
            ("predict run --input other.csv --format xml", "--format must be json or csv, got \"xml\""),
            ("predict run", "--input"),
        })
        {
            var refused = await workspace.RunAsync(arguments.Split(' '));
            refused.ExitCode.ShouldBe(2, arguments);
            refused.ErrorLines.ShouldHaveSingleItem().ShouldContain(message);
        }

        (await workspace.RunAsync("predict", "run", "--input", "empty.csv")).Events.ShouldHaveSingleItem().Text("class").ShouldNotBeEmpty("what stands before the mistake is answered");
    }

    static async Task EvaluationNeedsTheDataAsync(Workspace workspace)
    {
        var refused = await workspace.RunAsync("eval", "run");
        refused.ExitCode.ShouldBe(2);
        refused.ErrorLines.ShouldHaveSingleItem().ShouldContain("rows.csv");
    }

    static void Write(Workspace workspace, string task, string source, string data, string model) => workspace.Write("job.yaml", $$"""
        name: rows
        seed: 3
        task: {{task}}
        data: { source: {{source}}, {{data}}, validation: 0.2 }
        model: { embedding: 8, {{model}} }
        training:
          batch: 12
          length: 16
          shards: 4
          steps: 60
          optimizer: { adam: { rate: 0.02 } }

        """);

    static string Lines(int count, Func<int, string> line)
    {
        var text = new StringBuilder();
        for (var row = 0; row < count; row++) text.Append(line(row)).Append('\n');
        return text.ToString();
    }
}
