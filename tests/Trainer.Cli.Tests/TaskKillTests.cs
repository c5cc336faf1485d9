using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;

namespace Trainer.Cli.Tests;

/// <summary>Every task, killed between two checkpoints and resumed by another number of workers: its weights, and what is fitted to them, have the bits of an undisturbed run.</summary>
[Trait("Category", "Slow")]
public sealed class TaskKillTests
{
    const int Rows = 120;

    static readonly Dictionary<string, Case> s_cases = new()
    {
        ["language model of words"] = new("language-model", "text.txt, tokens: word, vocabulary: 10", "embedding: 6, tied: true, layers: [lstm: { units: 6 }], dropout: 0.2"),
        ["language model of byte pairs"] = new("language-model", "text.txt, tokens: bpe, vocabulary: 270", "embedding: 6, layers: [lstm: { units: 6 }], dropout: 0.2"),
        ["tagger"] = new(
            "tagger", "tagged.txt, format: tagged, tokens: word, bucketing: 2",
            "embedding: 6, characters: { embedding: 3, units: 3 }, wordDropout: 0.2, layers: [lstm: { units: 6, bidirectional: concatenate }], dropout: 0.2")
        {
            Prepare = w => Lines(w, "tagged.txt", row => $"the/D w{row % 13}/N is/V {(row % 3 == 0 ? "wide/A" : "here/R")}"),
        },
        ["classifier of texts"] = new("classifier", "rows.csv, format: csv, input: x, target: y, tokens: word", "embedding: 6, layers: [lstm: { units: 6, bidirectional: sum }], pooling: max, dropout: 0.2")
        {
            Prepare = w => Lines(w, "rows.csv", row => $"w{row % 7} w{row % 5} w{row},{(row % 2 == 0 ? "even" : "odd")}", "x,y"),
        },
        ["classifier of vectors"] = new("classifier", "images, format: idx, targetSource: labels, features: 4", "layers: [lstm: { units: 6 }], dropout: 0.2")
        {
            Prepare = w =>
            {
                Idx(w["images"], [Rows, 3, 4], index => (byte)(index * index * 7));
                Idx(w["labels"], [Rows], row => (byte)(row % 3));
            },
        },
        ["seq2seq"] = new(
            "seq2seq", "words.txt, format: dictionary, tokens: char, targetTokens: word",
            "embedding: 6, layers: [lstm: { units: 6 }], dropout: 0.2, decoder: { embedding: 6, layers: [lstm: { units: 6 }], attention: general, scheduledSampling: 0.2 }")
        {
            Prepare = w => Lines(w, "words.txt", row => $"{row * row}  P{row % 3} P{row % 5}"),
        },
        ["forecaster"] = new(
            "{ forecaster: { context: 6, horizon: 2 } }", "table.csv, format: csv, columns: [numeric: { name: y, role: target, missing: mean }]", "layers: [lstm: { units: 6, bidirectional: concatenate }], dropout: 0.2")
        {
            Prepare = Table,
        },
        ["anomaly"] = new(
            "{ anomaly: { context: 6, horizon: 1, label: bad } }", "table.csv, format: csv, series: s, split: order, columns: [numeric: { name: y, role: target, missing: previous }]", "layers: [lstm: { units: 6 }]")
        {
            Prepare = Table,
            Fitted = "thresholds.json",
        },
        ["adding problem"] = new("regressor", "'synthetic:adding?length=20&count=200'", "layers: [lstm: { units: 6, coupledInputForget: true }], dropout: 0.1") { Length = 22 },
        ["spike delays"] = new("regressor", "'synthetic:spike-delays?spikes=2&interval=2&range=1&count=200'", "layers: [lstm: { units: 3, peephole: true }], loss: binary-cross-entropy"),
    };

    public static TheoryData<string> Names => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_run_that_is_killed_and_resumed_ends_with_the_weights_of_an_undisturbed_one(string name)
    {
        var (task, data, model) = s_cases[name];
        using var workspace = new Workspace();
        s_cases[name].Prepare(workspace);
        workspace.Write("job.yaml", $$"""
            name: rows
            task: {{task}}
            data: { source: {{data}}, validation: 0.2 }
            model: { {{model}} }
            training: { batch: 8, length: {{s_cases[name].Length}}, shards: 4, steps: 1000000, validate: { every: 10 }, checkpoint: { every: 5 steps } }

            """);
        long reached;
        await using (var running = workspace.Start("--run", "killed", "--workers", "2"))
        {
            await running.WaitForAsync(e => e.Text("event") == "checkpoint" && e.Whole("step") > 0);
            running.Kill();
            reached = (await running.EndAsync()).Output.Split('\n').SkipLast(1).Select(Command.Parse).Last(e => e.Text("event") == "step").Whole("step");
        }

        var steps = $"training.steps={reached + 7}";
        var resumed = await workspace.TrainAsync("--run", "killed", "--resume", "--workers", "3", "--set", steps);
        resumed.Events.Single(e => e.Text("event") == "started").Whole("step").ShouldBeGreaterThan(0, "it must go on, not begin anew");
        var undisturbed = await workspace.TrainAsync("--run", "undisturbed", "--workers", "1", "--set", steps);

        foreach (var figure in (string[])["weights_sha256", "validation_loss", "train_loss"]) End(resumed).GetProperty(figure).ToString().ShouldBe(End(undisturbed).GetProperty(figure).ToString(), figure);
        if (s_cases[name].Fitted is { } file) File.ReadAllText(workspace[$"killed/{file}"]).ShouldBe(File.ReadAllText(workspace[$"undisturbed/{file}"]));
    }

    static JsonElement End(CommandResult run) => run.Events.Single(e => e.Text("event") == "finished");

    static void Table(Workspace workspace) =>
        Lines(workspace, "table.csv", row => string.Create(CultureInfo.InvariantCulture, $"{row % 2},{(row % 17 == 9 ? "" : $"{row * row % 19}")},{(row % 20 == 7 ? 1 : 0)}"), "s,y,bad");

    static void Lines(Workspace workspace, string name, Func<int, string> line, string? head = null) =>
        workspace.Write(name, string.Concat(Enumerable.Range(0, Rows).Select(line).Prepend(head).OfType<string>().Select(text => text + "\n")));

    static void Idx(string path, int[] extents, Func<int, byte> number)
    {
        var head = new byte[4 + (4 * extents.Length)];
        (head[2], head[3]) = (8, (byte)extents.Length);
        foreach (var (dimension, extent) in extents.Index()) BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4 + (4 * dimension)), extent);
        File.WriteAllBytes(path, [.. head, .. Enumerable.Range(0, extents.Aggregate(1, (all, extent) => all * extent)).Select(number)]);
    }

    sealed record Case(string Task, string Data, string Model)
    {
        /// <summary>Longest sequence.</summary>
        public int Length { get; init; } = 8;

        public Action<Workspace> Prepare { get; init; } = _ => { };

        /// <summary>A file of the run that is fitted to its weights.</summary>
        public string? Fitted { get; init; }
    }
}
