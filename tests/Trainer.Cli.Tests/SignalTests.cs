using System.Runtime.Versioning;

namespace Trainer.Cli.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class SignalTests
{
    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task A_signal_ends_the_run_with_a_checkpoint_from_which_it_goes_on_to_the_same_weights(string signal, int exitCode)
    {
        using var workspace = new Workspace();
        await using var running = workspace.Start("--run", "stopped", "--set", "training.steps=1000000", "--set", "training.checkpoint.every=1h");
        await running.WaitForStepAsync(20);
        running.Signal(signal);
        var stopped = await running.EndAsync();

        stopped.ExitCode.ShouldBe(exitCode, stopped.Errors);
        stopped.Errors.ShouldBeEmpty();
        stopped.Last.Text("event").ShouldBe("interrupted");
        stopped.Last.GetProperty("checkpointed").GetBoolean().ShouldBeTrue();
        var step = stopped.Last.Whole("step");
        stopped.Events.Last(e => e.Text("event") == "step").Whole("step").ShouldBe(step, "the step in work is finished, and is the last");
        File.Exists(workspace[$"stopped/checkpoints/step-{step:D8}/manifest.json"]).ShouldBeTrue();

        var steps = $"training.steps={step + 20}";
        var resumed = await workspace.TrainAsync("--run", "stopped", "--resume", "--set", steps);
        var undisturbed = await workspace.TrainAsync("--run", "undisturbed", "--set", steps);
        resumed.Events.Single(e => e.Text("event") == "started").Whole("step").ShouldBe(step);
        resumed.Hash.ShouldBe(undisturbed.Hash);
    }

    [Fact]
    public async Task A_checkpoint_that_cannot_be_written_at_the_end_is_told_and_exits_1()
    {
        using var workspace = new Workspace();
        await using var running = workspace.Start("--set", "training.steps=1000000", "--set", "training.checkpoint.every=1h");
        await running.WaitForAsync(e => e.Text("event") == "checkpoint");
        Directory.Delete(workspace["runs/small/checkpoints"], recursive: true);
        workspace.Write("runs/small/checkpoints", "in the way");
        running.Signal("INT");
        var stopped = await running.EndAsync();

        stopped.ExitCode.ShouldBe(1);
        var line = stopped.ErrorLines.ShouldHaveSingleItem();
        line.ShouldContain("could not be written");
        line.ShouldContain($"step {stopped.Last.Whole("step")}");
    }

    [Fact]
    public async Task A_second_signal_ends_the_process_though_nobody_reads_its_output()
    {
        using var workspace = new Workspace();
        await using var running = workspace.Start("--set", "training.steps=1000000", "--set", "training.checkpoint.every=600 steps");
        await running.WaitForStepAsync(1);
        // By then the pipe is full, so that the first signal alone cannot end the process.
        await workspace.WaitForAsync("runs/small/checkpoints/step-00000600");
        running.Signal("INT");
        running.Signal("TERM");

        await running.ExitAsync();

        (await running.EndAsync()).ExitCode.ShouldBe(130, "the first signal decides");
    }

    [Theory]
    [InlineData("train", "job.yaml", "--set", "data.source=npm:left-pad@1.3.0#README.md")]
    [InlineData("bench", "step", "job.yaml", "--set", "data.source=npm:left-pad@1.3.0#README.md")]
    [InlineData("data", "get", "npm:left-pad@1.3.0#README.md")]
    public async Task A_signal_while_data_are_fetched_leaves_at_once(params string[] arguments)
    {
        using var workspace = new Workspace();
        Directory.CreateDirectory(workspace["bin"]);
        // An npm client that never answers, and tells that it was asked through a pipe that it opens.
        workspace.Write("bin/npm", $"#!/bin/sh\necho asked > '{workspace["asked"]}'\nread forever < '{workspace["never"]}'\n");
        File.SetUnixFileMode(workspace["bin/npm"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await MakePipesAsync(workspace["asked"], workspace["never"]);

        await using var running = Command.Start(
            workspace.Folder, arguments, ("PATH", $"{workspace["bin"]}:{Environment.GetEnvironmentVariable("PATH")}"), ("XDG_CACHE_HOME", workspace["cache"]));
        (await File.ReadAllTextAsync(workspace["asked"])).Trim().ShouldBe("asked");
        running.Signal("INT");
        var stopped = await running.EndAsync();

        stopped.ExitCode.ShouldBe(130, stopped.Errors);
        stopped.Errors.ShouldBeEmpty();
        Directory.Exists(workspace["runs"]).ShouldBeFalse();
        Directory.EnumerateFileSystemEntries(workspace["cache"], "*.*", SearchOption.AllDirectories).Where(File.Exists).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task A_signal_while_data_are_read_leaves_within_a_block_of_them(string signal, int exitCode)
    {
        using var workspace = new Workspace();
        await MakePipesAsync(workspace["endless.txt"]);
        await using var running = workspace.Start("--set", "data.source=endless.txt");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));

        // It is open as soon as somebody reads it.
        await using (var text = await Task.Run(() => new FileStream(workspace["endless.txt"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite), limit.Token))
        {
            running.Signal(signal);
            var block = System.Text.Encoding.ASCII.GetBytes(Workspace.Text(1 << 12));
            try
            {
                while (!limit.IsCancellationRequested) await text.WriteAsync(block, limit.Token);
            }
            catch (IOException)
            {
                // Nobody reads any more.
            }
        }

        var stopped = await running.EndAsync();
        stopped.ExitCode.ShouldBe(exitCode, stopped.Errors);
        stopped.Errors.ShouldBeEmpty();
        Directory.Exists(workspace["runs"]).ShouldBeFalse("training had not begun");
    }

    static async Task MakePipesAsync(params string[] paths)
    {
        using var made = System.Diagnostics.Process.Start("mkfifo", paths);
        await made.WaitForExitAsync();
        made.ExitCode.ShouldBe(0);
    }
}
