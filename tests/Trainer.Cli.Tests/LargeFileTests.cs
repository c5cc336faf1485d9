using System.Buffers.Binary;
using System.Globalization;

namespace Trainer.Cli.Tests;

/// <summary>
/// Files several times larger than the heap of the process that trains on them, which would end with an error if it needed more. <c>LSTM_CLUSTER_FILE_MB</c> makes them larger than 160 MB;
/// <c>bench/memory.sh</c> measures the same.
/// </summary>
[Trait("Category", "Slow")]
public sealed class LargeFileTests
{
    const string HeapBytes = "0x4000000"; // 64 MiB

    // Only so that a hang becomes a failure.
    static readonly TimeSpan s_limit = TimeSpan.FromMinutes(15);

    static long FileBytes { get; } = long.Parse(Environment.GetEnvironmentVariable("LSTM_CLUSTER_FILE_MB") ?? "160", CultureInfo.InvariantCulture) * 1_000_000;

    [Fact]
    public Task Rows_that_are_larger_than_the_heap_are_trained_on_and_evaluated()
    {
        var halves = Halves();
        return TrainAsync("classifier", "rows.csv", "format: csv, input: in, target: out, tokens: word", "embedding: 8, layers: [lstm: { units: 8 }]", (_, path) => WriteLines(
            path, "in,out", row => $"{halves[row % halves.Length]} {halves[row * 7 / 5 % halves.Length]},{(row % 3 == 0 ? "rare" : "often")}"));
    }

    [Fact]
    public Task Images_that_are_larger_than_the_heap_are_trained_on_and_evaluated() =>
        TrainAsync("classifier", "images", "format: idx, targetSource: labels, features: 28", "layers: [lstm: { units: 8 }]", (workspace, path) =>
        {
            var (count, block) = ((int)(FileBytes / 784), new byte[784]);
            using (var file = new FileStream(path, FileMode.CreateNew))
            {
                WriteHead(file, count, 28, 28);
                for (var image = 0; image < count; image++)
                {
                    BinaryPrimitives.WriteInt32LittleEndian(block, image);
                    file.Write(block);
                }
            }

            using var labels = new FileStream(workspace["labels"], FileMode.CreateNew);
            WriteHead(labels, count);
            for (var image = 0; image < count; image++) labels.WriteByte((byte)(image % 10));
        });

    [Fact]
    public Task A_table_that_is_larger_than_the_heap_is_trained_on_and_evaluated()
    {
        const string Columns = "numeric: { name: y, role: target }, numeric: { name: wind, role: past }, categorical: { name: sky, role: past }, date: { name: when, format: yyyy-MM-dd HH:mm, features: [hour] }";
        return TrainAsync(
            "{ forecaster: { context: 24, horizon: 4, stride: 5, relativeTo: last } }", "table.csv", $"format: csv, series: place, columns: [{Columns}]", "layers: [lstm: { units: 8 }]",
            (_, path) => WriteLines(path, "place,when,y,wind,sky", row => string.Create(
                CultureInfo.InvariantCulture, $"{"nsew"[row % 4]},{new DateTime(1990, 1, 1).AddMinutes(row / 4):yyyy-MM-dd HH:mm},{row * 7L % 1009 / 10.0:F2},{row % 97 / 10.0:F3},{(row % 3 == 0 ? "cloud" : "clear")}")));
    }

    static async Task TrainAsync(string task, string source, string data, string model, Action<Workspace, string> write)
    {
        using var workspace = new Workspace();
        write(workspace, workspace[source]);
        new FileInfo(workspace[source]).Length.ShouldBeGreaterThan(FileBytes - 1000);
        workspace.Write("job.yaml", $$"""
            name: large
            task: {{task}}
            data: { source: {{source}}, {{data}}, validation: 0.005 }
            model: { {{model}} }
            training: { batch: 16, length: 64, shards: 4, steps: 20 }

            """);
        (string, string?)[] environment = [("DOTNET_GCHeapHardLimit", HeapBytes), ("XDG_CACHE_HOME", workspace["cache"])];

        var trained = await RunAsync("train", "job.yaml", "--run", "run", "--json");
        trained.ExitCode.ShouldBe(0, trained.Errors);
        var evaluated = await RunAsync("eval", "run", "--json");
        evaluated.ExitCode.ShouldBe(0, evaluated.Errors);
        evaluated.Last.Number("validation_loss").ShouldBe(trained.Last.Number("validation_loss"), 1e-6);
        if (Directory.Exists(workspace["cache/lstm-cluster/spool"])) Directory.EnumerateFileSystemEntries(workspace["cache/lstm-cluster/spool"]).ShouldBeEmpty();

        async Task<CommandResult> RunAsync(params string[] arguments)
        {
            await using var running = new RunningCommand(Command.Launch(workspace.Folder, [], arguments, environment), s_limit);
            return await running.EndAsync();
        }
    }

    /// <summary>Sentences of eight words out of a thousand.</summary>
    static string[] Halves()
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, 4099).Select(_ => string.Join(' ', Enumerable.Range(0, 8).Select(_ => $"w{random.Next(1000)}")))];
    }

    static void WriteLines(string path, string head, Func<int, string> line)
    {
        using var writer = new StreamWriter(path);
        writer.Write(head + "\n");
        for (var (row, written) = (0, 0L); written < FileBytes; row++)
        {
            var text = line(row) + "\n";
            writer.Write(text);
            written += text.Length;
        }
    }

    static void WriteHead(FileStream file, params int[] extents)
    {
        file.Write([0, 0, 8, (byte)extents.Length]);
        var number = new byte[sizeof(int)];
        foreach (var extent in extents)
        {
            BinaryPrimitives.WriteInt32BigEndian(number, extent);
            file.Write(number);
        }
    }
}
