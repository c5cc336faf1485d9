namespace Cluster.Tests;

/// <summary>A run directory that is full, or can no longer be written, for a while in the middle of a run. Needs root for its small file system.</summary>
[Trait("Category", "Slow")]
public sealed class FailingDiskTests(ITestOutputHelper output) : IDisposable
{
    const long Bytes = 2 << 20;
    const int FailuresToSee = 3;
    const long StepsToSee = 50;

    readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public Task Training_goes_on_while_the_disk_is_full_and_the_next_checkpoint_succeeds_when_there_is_space() =>
        BreakAndMendAsync((disk, _) => disk.Fill(), disk => disk.Free(), "space");

    [Fact]
    public Task Training_goes_on_while_the_run_directory_is_read_only_and_the_next_checkpoint_succeeds_when_it_is_not() =>
        BreakAndMendAsync((disk, run) => disk.MakeReadOnly(run), disk => disk.MakeWritable(), "Read-only");

    async Task BreakAndMendAsync(Action<Tmpfs, string> breakIt, Action<Tmpfs> mend, string reason)
    {
        using var disk = Tmpfs.MountOrSkip(_workspace["disk"], Bytes);
        long last;
        await using (var training = Train("--set", "training.steps=1000000"))
        {
            await training.WaitForStepAsync(100);
            await training.WaitForEventAsync("checkpoint");
            breakIt(disk, _workspace["disk/run"]);
            var failed = await training.WaitForEventAsync("checkpoint_failed");
            for (var more = 1; more < FailuresToSee; more++) failed = await training.WaitForEventAsync("checkpoint_failed", failed.Number + 1);
            failed.Json!.Value.Text("reason").ShouldContain(reason);
            var step = failed.Json!.Value.Whole("step");
            await training.WaitForStepAsync(step + StepsToSee, failed.Number);

            // As whoever has to go on from here elsewhere would find it.
            var run = new RunCheckpoints(_workspace["disk/run"]);
            var newest = run.Newest().ShouldNotBeNull();
            run.Refused.ShouldBeEmpty();
            newest.Manifest.Step.ShouldBe(Steps(training, "checkpoint").Max(), "the newest that was reported");
            newest.Manifest.Step.ShouldBeLessThan(step);
            output.WriteLine($"failed from step {Steps(training, "checkpoint_failed").Min()} on; the newest checkpoint is of step {newest.Manifest.Step}; \"{failed.Json!.Value.Text("reason")}\"");

            mend(disk);
            await training.WaitForAsync(line => line.Is("checkpoint") && line.Json!.Value.Whole("step") > step, "a checkpoint after the disk was mended");
            training.Send(Signal.Interrupt);
            (await training.ExitAsync()).ShouldBe(130, training.Story);
            training.Errors.ShouldBeEmpty();
            last = training.LastStep;
        }

        var steps = $"training.steps={last + 20}";
        await using var resumed = Train("--resume", "--set", steps);
        (await resumed.ExitAsync()).ShouldBe(0, resumed.Story);
        resumed.Lines[^1].Json!.Value.Text("weights_sha256").ShouldBe(await Undisturbed.HashAsync(_workspace, steps));
    }

    static IEnumerable<long> Steps(WatchedProcess training, string name) => training.Lines.Where(line => line.Is(name)).Select(line => line.Json!.Value.Whole("step"));

    WatchedProcess Train(params string[] arguments) => new("train", Command.Launch(
        _workspace.Folder, [], ["train", "job.yaml", "--json", "--run", "disk/run", "--workers", "2", .. arguments]));
}
