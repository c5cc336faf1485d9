using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.Versioning;
using System.Text;
using LstmCluster.Cli;

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

    [Fact]
    public async Task A_model_of_tables_tells_the_rows_to_come_and_watches_readings_as_they_come()
    {
        using var workspace = new Workspace();
        workspace.Write("rows.csv", "day,shop,sold\n" + Lines(120, row => $"{new DateTime(2020, 1, 1).AddDays(row):yyyy-M-d},north,{10 + (row % 7)}"));
        const string columns = "format: csv, series: shop, columns: [numeric: { name: sold, role: target }, date: { name: day, features: [weekday] }]";
        Write(workspace, "{ forecaster: { context: 7, horizon: 2, season: 7 } }", "rows.csv", columns, "layers: [{ lstm: { units: 8 } }]", embedding: "");
        (await workspace.TrainAsync("--run", "told")).ExitCode.ShouldBe(0);
        Write(workspace, "{ anomaly: { context: 7, horizon: 1 } }", "rows.csv", columns, "layers: [{ lstm: { units: 8 } }]", embedding: "");
        (await workspace.TrainAsync("--run", "run")).ExitCode.ShouldBe(0);
        workspace.Write("week.csv", string.Join('\n', File.ReadLines(workspace["rows.csv"]).Take(9)));
        File.Delete(workspace["rows.csv"]);

        var csv = (await workspace.RunAsync("predict", "told", "--input", "week.csv", "--format", "csv")).Output.Split('\n');
        csv[0].ShouldBe("shop,ahead,day,sold");
        csv[1].ShouldStartWith("north,1,2020-1-9,");
        csv[2].ShouldStartWith("north,2,2020-1-10,");
        var told = (await workspace.RunAsync("predict", "told", "--input", "week.csv")).Events;
        (told.Count, told[0].Text("series"), told[1].Whole("ahead"), told[0].GetProperty("dates").Text("day")).ShouldBe((2, "north", 2L, "2020-1-9"));
        csv[1].ShouldEndWith($",{told[0].GetProperty("values").GetProperty("sold").GetRawText()}");
        var refused = await workspace.RunAsync("predict", "told", "--input", "week.csv", "--lines");
        (refused.ExitCode, refused.ErrorLines.Count).ShouldBe((2, 1));

        string[] sold = ["10", "11", "12", "13", "14", "15", "16", "10", "99"];
        await AnswersComeBeforeTheNextLineAsync(
            ["predict", "run", "--input", "-", "--format", "csv"], "line,shop,score,threshold,anomaly",
            [("shop,day,sold", null), .. sold.Select((number, row) => ($"north,2020-3-{row + 4},{number}", $"{row + 2},north,{(row < 7 ? "," : "")}"))], workspace);
        var readings = await workspace.RunAsync("predict", "run", "--input", "week.csv");
        readings.Events[^1].GetProperty("anomaly").GetBoolean().ShouldBeFalse();
        readings.Events[^1].GetProperty("expected").Number("sold").ShouldBeInRange(5, 20);
    }

    [Theory]
    [InlineData("predict", "run", "--input", "-", "--lines", "--format", "csv")]
    [InlineData("generate", "run", "--length", "2000000000")]
    [UnsupportedOSPlatform("windows")]
    public async Task What_nobody_reads_any_more_ends_quietly(params string[] arguments)
    {
        using var workspace = new Workspace();
        (await workspace.TrainAsync("--run", "run", "--set", "training.steps=2")).ExitCode.ShouldBe(0);
        var start = new ProcessStartInfo(Command.Executable, arguments) { WorkingDirectory = workspace.Folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.StandardInput.WriteLineAsync("whale sea");
            await process.StandardInput.FlushAsync(limit.Token);
            (await process.StandardOutput.ReadAsync(new char[1], limit.Token)).ShouldBe(1);
            process.StandardOutput.Close();

            // Without an end of the input: what is written next tells that the reader is gone.
            try
            {
                for (var line = 0; line < 100; line++)
                {
                    await process.StandardInput.WriteLineAsync("ship");
                    await process.StandardInput.FlushAsync(limit.Token);
                }
            }
            catch (IOException)
            {
                // It has ended already.
            }

            await process.WaitForExitAsync(limit.Token);
            (process.ExitCode, await errors).ShouldBe((141, ""));
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    [Fact]
    public async Task A_damaged_or_cut_file_of_inputs_is_an_error_in_one_line()
    {
        using var workspace = new Workspace();
        (await workspace.TrainAsync("--run", "run", "--set", "training.steps=2")).ExitCode.ShouldBe(0);
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true)) stream.Write(Encoding.UTF8.GetBytes("whale\n"));
        await File.WriteAllBytesAsync(workspace["cut.gz"], packed.ToArray()[..^4], TestContext.Current.CancellationToken);

        var refused = await workspace.RunAsync("predict", "run", "--input", "cut.gz");

        refused.ExitCode.ShouldBe(2);
        refused.ErrorLines.ShouldHaveSingleItem().ShouldContain("cut.gz: the data cannot be read: ");
    }

    [Fact]
    public void What_is_no_number_in_JSON_is_null() => Json.Text(new
    {
        A = double.PositiveInfinity,
        B = (double?)double.NaN,
        C = 1.5,
        D = (double?)null,
        E = new Dictionary<string, double> { ["f"] = double.NegativeInfinity, ["g"] = 0.1 },
        H = new[] { [double.NaN], new[] { 2.0 } },
    }).ShouldBe("""{"a":null,"b":null,"c":1.5,"d":null,"e":{"f":null,"g":0.1},"h":[[null],[2]]}""");

    static Task AnswersComeBeforeTheNextLineAsync(Workspace workspace) => AnswersComeBeforeTheNextLineAsync(
        ["predict", "run", "--input", "-", "--lines", "--format", "csv"], "class,probability",
        [("wave 1 small", "\"low, calm\","), ("wave 1 great", "high,"), ("wave 2 small", "\"low, calm\",")], workspace);

    /// <param name="arguments">Of a command that reads lines.</param>
    /// <param name="header">What it begins with.</param>
    /// <param name="lines">Lines with what the answer begins with; null where there is none.</param>
    /// <param name="workspace">Where it runs.</param>
    static async Task AnswersComeBeforeTheNextLineAsync(string[] arguments, string header, IReadOnlyList<(string Input, string? Expected)> lines, Workspace workspace)
    {
        var start = new ProcessStartInfo(Command.Executable, arguments)
        {
            WorkingDirectory = workspace.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        (await AnswerAsync()).ShouldBe(header);
        foreach (var (input, expected) in lines)
        {
            await process.StandardInput.WriteLineAsync(input);
            await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            if (expected is not null) (await AnswerAsync()).ShouldStartWith(expected);
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

    static void Write(Workspace workspace, string task, string source, string data, string model, string embedding = "embedding: 8, ") => workspace.Write("job.yaml", $$"""
        name: rows
        seed: 3
        task: {{task}}
        data: { source: {{source}}, {{data}}, validation: 0.2 }
        model: { {{embedding}}{{model}} }
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
