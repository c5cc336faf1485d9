namespace Cluster.Tests;

/// <summary>Processes that write a checkpoint after every step, killed at drawn moments.</summary>
/// <remarks>LSTM_CLUSTER_KILLS is the number of kills (30), LSTM_CLUSTER_SEED repeats the moments of a failure.</remarks>
[Trait("Category", "Slow")]
public sealed class CheckpointKillTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>The longest time that is let pass after the first new checkpoint; one takes a few milliseconds.</summary>
    static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(150);

    readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_kill_at_any_moment_of_a_checkpoint_leaves_only_checkpoints_that_load_and_hold_the_weights_of_an_undisturbed_run()
    {
        var seed = Effort.Seed("LSTM_CLUSTER_SEED");
        output.WriteLine($"LSTM_CLUSTER_SEED={seed}");
        var random = new Random(seed);
        var found = new Dictionary<long, string>();
        var run = new RunCheckpoints(_workspace["killed"]);
        long reported = 0, unfinished = 0;
        for (var kill = 0; kill < Effort.Of("LSTM_CLUSTER_KILLS", 30); kill++)
        {
            reported = Math.Max(reported, await TrainUntilKilledAsync(random));
            unfinished += Directory.EnumerateDirectories(_workspace["killed/checkpoints"], ".step-*").LongCount();

            var hashes = run.Hashes();
            run.Newest().ShouldNotBeNull().Manifest.Step.ShouldBeGreaterThanOrEqualTo(reported, "a checkpoint that was reported is there");
            foreach (var (step, hash) in hashes)
            {
                if (found.TryGetValue(step, out var before)) hash.ShouldBe(before, $"step {step}");
                found[step] = hash;
            }
        }

        run.Refused.ShouldBeEmpty();
        output.WriteLine($"{found.Count} checkpoints up to step {reported}; {unfinished} kills found one half written or half removed");
        var undisturbed = await Undisturbed.HashesAsync(_workspace, found.Keys);
        foreach (var (step, hash) in found) hash.ShouldBe(undisturbed[step], $"step {step}");
    }

    /// <returns>The step of the last checkpoint that was reported as complete.</returns>
    async Task<long> TrainUntilKilledAsync(Random random)
    {
        await using var process = new WatchedProcess("train", Command.Launch(
            _workspace.Folder, [],
            ["train", "job.yaml", "--json", "--run", "killed", "--resume", "--workers", "2", "--set", "training.steps=1000000", "--set", "training.checkpoint.every=1 steps"]));
        var start = (await process.WaitForEventAsync("started")).Json!.Value.Whole("step");
        await process.WaitForAsync(line => line.Is("checkpoint") && line.Json!.Value.Whole("step") > start, "a new checkpoint");

        // Not for anything to happen: the moment of the kill is what is drawn.
        await Task.Delay(Longest * random.NextDouble());
        process.Send(Signal.Kill);
        (await process.ExitAsync()).ShouldBe(128 + (int)Signal.Kill);
        return process.Lines.Where(line => line.Is("checkpoint")).Max(line => line.Json!.Value.Whole("step"));
    }
}
