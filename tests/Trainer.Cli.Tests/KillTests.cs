using System.Globalization;

namespace Trainer.Cli.Tests;

public sealed class KillTests(ITestOutputHelper output)
{
    const int Kills = 5;

    static int Rounds => int.Parse(Environment.GetEnvironmentVariable("LSTM_CLUSTER_ROUNDS") ?? "2", CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_run_that_is_killed_five_times_and_resumed_ends_with_the_weights_of_an_undisturbed_one()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var seed = Random.Shared.Next();
            output.WriteLine($"round {round}: seed {seed}");
            await KillAndResumeAsync(new Random(seed));
        }
    }

    [Fact]
    public async Task A_run_that_is_killed_before_its_first_step_can_be_resumed()
    {
        using var workspace = new Workspace();
        await using (var running = workspace.Start("--run", "killed"))
        {
            await running.WaitForAsync(e => e.Text("event") == "started");
            running.Kill();
            await running.EndAsync();
        }

        var resumed = await workspace.TrainAsync("--run", "killed", "--resume", "--set", "training.steps=30");
        var undisturbed = await workspace.TrainAsync("--run", "undisturbed", "--set", "training.steps=30");

        resumed.Hash.ShouldBe(undisturbed.Hash);
    }

    [Fact]
    public async Task A_run_that_was_killed_while_its_directory_was_made_can_begin_there()
    {
        using var workspace = new Workspace();
        Directory.CreateDirectory(workspace["killed"]);
        workspace.Write("killed/.lock", "");
        workspace.Write("killed/.job.yaml.tmp", "name: sm");

        var result = await workspace.TrainAsync("--run", "killed", "--resume", "--set", "training.steps=2");

        result.Last.Text("event").ShouldBe("finished");
    }

    /// <summary>While it is being killed the job has no end, so that every kill finds it at work.</summary>
    static async Task KillAndResumeAsync(Random random)
    {
        using var workspace = new Workspace();
        var reached = 0L;
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var running = workspace.Start(
                "--run", "killed", "--resume", "--workers", $"{1 + random.Next(3)}", "--set", "training.steps=1000000", "--set", "training.checkpoint.every=3 steps");
            var started = await running.WaitForAsync(e => e.Text("event") == "started");
            await running.WaitForStepAsync(started.Whole("step") + random.Next(1, 40));

            // Steps are so short that all kills may come before the disk has one; then there would be nothing to go on from.
            if (kill == 0) await running.WaitForAsync(e => e.Text("event") == "checkpoint" && e.Whole("step") > 0);
            running.Kill();
            var killed = await running.EndAsync();
            killed.ExitCode.ShouldBe(137);
            reached = Math.Max(reached, LastStep(killed));
        }

        var steps = $"training.steps={reached + 20}";
        var resumed = await workspace.TrainAsync("--run", "killed", "--resume", "--set", steps);
        var undisturbed = await workspace.TrainAsync("--run", "undisturbed", "--workers", "1", "--set", steps);

        resumed.Events.Single(e => e.Text("event") == "started").Whole("step").ShouldBeGreaterThan(0, "it must go on, not begin anew");
        resumed.Hash.ShouldBe(undisturbed.Hash);
    }

    /// <summary>The kill may have cut the last line off.</summary>
    static long LastStep(CommandResult killed) =>
        killed.Output.Split('\n').SkipLast(1).Select(Command.Parse).Last(e => e.Text("event") == "step").Whole("step");
}
