using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Trainer.Cli.Tests;

/// <summary>The scripts that print the tables of the documentation, each run at a tiny size; what compares with PyTorch needs PyTorch and is left out.</summary>
public sealed class BenchTableTests
{
    // Only so that a hang becomes a failure.
    static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Variants_are_shown_beside_the_plain_layer()
    {
        var table = await TableAsync("compare.py", "variants", "--extents", "3,2,5,7", "--rounds", "1", "--seconds", "0.01");

        table[0].ShouldStartWith("| Variant at 3,2,5,7 |");
        var names = table.Skip(2).Select(line => Cells(line)[0]).ToArray();
        names.ShouldBe(["plain", "peephole", "layer-norm", "recurrent-dropout", "zoneout", "projection", "coupled", "bidirectional", "gru", "rnn"]);
        Cells(table[2])[3].ShouldBe("1.00");
    }

    [Fact]
    public async Task One_slot_is_shown_beside_all()
    {
        var table = await TableAsync("compare.py", "slots", "--extents", "3,2,5,7", "--rounds", "2", "--seconds", "0.01");

        table.Count.ShouldBe(3);
        Cells(table[2]).Count.ShouldBe(6);
    }

    [Fact]
    public async Task Time_is_shown_against_doublings_of_each_length()
    {
        var table = await TableAsync("growth.py", "time", "--start", "2,3,5,5", "--doublings", "1", "--rounds", "1", "--seconds", "0.01");

        table.Where(line => char.IsAsciiDigit(line[2])).Select(line => Cells(line)[0])
            .ShouldBe(["2,3,5,5", "4,3,5,5", "2,3,5,5", "2,6,5,5", "2,3,5,5", "2,3,10,10"]);
    }

    [Fact]
    public async Task Memory_is_shown_with_and_without_recomputing()
    {
        var table = await TableAsync("growth.py", "memory", "--memory-start", "64,2,5,5", "--doublings", "1", "--rounds", "1", "--seconds", "0.01");

        table.Skip(2).Select(line => Cells(line)[0]).ShouldBe(["64,2,5,5", "128,2,5,5"]);
        table.ShouldAllBe(line => Cells(line).Count == 9);
    }

    [Fact]
    public async Task Simulated_clusters_are_shown_by_number_of_workers()
    {
        var lines = await TableAsync("scaling.py", "--workers", "1", "3", "--models", "1M", "--links", "10G", "--steps", "2");

        lines.Where(line => line.StartsWith("**", StringComparison.Ordinal))
            .ShouldBe(["**1M parameters, 10Gbit/s, 1 parameter server**", "**1M parameters, 10Gbit/s, 3 parameter servers**"]);
        var rows = lines.Where(line => line is ['|', ' ', >= '0' and <= '9', ..]).Select(Cells).ToList();
        rows.Select(row => row[0]).ShouldBe(["1", "3", "1", "3"]);
        rows.Where(row => row[0] == "1").ShouldAllBe(row => row[5] == "1.000");
    }

    [Fact]
    public async Task A_GPU_is_shown_in_each_precision_with_its_distance_to_the_processor()
    {
        Gpu.Require();
        var lines = await TableAsync("gpu.py", "--device", Gpu.Name, "--tiny", "--no-peer", "3,2,5,7");

        var rows = lines.Where(line => line.StartsWith("| 3,2,5,7 |", StringComparison.Ordinal)).Select(Cells).ToList();
        rows.Select(row => row[1]).ShouldBe(["fp32", "tf32", "bf16"]);
        foreach (var (row, error) in rows.Zip([1e-5, 1e-2, 5e-2]))
        {
            double.Parse(row[2], CultureInfo.InvariantCulture).ShouldBeGreaterThan(0, row[1]);
            double.Parse(row[^1], CultureInfo.InvariantCulture).ShouldBeLessThan(error, row[1]);
        }
    }

    static List<string> Cells(string line) => [.. line.Trim('|').Split('|').Select(cell => cell.Trim())];

    /// <summary>The lines of Markdown that a script printed.</summary>
    static async Task<List<string>> TableAsync(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("python3", [Path.Combine(Repository.Root, "bench", "tables", script), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LSTM_CLUSTER"] = Command.Executable;
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using var process = Start(start);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(s_limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }

        process.ExitCode.ShouldBe(0, await errors);
        return [.. (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("there is no python3");
            throw;
        }
    }
}
