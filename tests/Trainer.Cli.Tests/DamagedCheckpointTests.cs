
namespace Trainer.Cli.Tests;

/// <summary>One run with checkpoints after steps 10 and 20, of which a copy is damaged in each test and then trained to step 30.</summary>
public sealed class DamagedCheckpointTests(DamagedCheckpointTests.Run run, ITestOutputHelper output) : IClassFixture<DamagedCheckpointTests.Run>
{
    const string Newest = "step-00000020";

    public static TheoryData<string> Files => ["manifest.json", "weights.safetensors", "optimizer.safetensors", "state.safetensors"];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_flipped_byte_makes_resume_use_the_checkpoint_before(string file)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var length = (int)new FileInfo(run.Workspace[$"run/checkpoints/{Newest}/{file}"]).Length;
        foreach (var offset in new[] { 0, random.Next(length), random.Next(length), length - 1 })
        {
            var mask = (byte)(1 << random.Next(8));
            await ShouldFallBackAsync($"{file}, bit {mask:X2} of byte {offset}", file, bytes =>
            {
                bytes[offset] ^= mask;
                return bytes;
            });
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_cut_file_makes_resume_use_the_checkpoint_before(string file)
    {
        foreach (var rest in new[] { 0.0, 0.5 }) await ShouldFallBackAsync($"{file}, cut to {rest}", file, bytes => bytes[..(int)(rest * bytes.Length)]);
        await ShouldFallBackAsync($"{file}, without its last byte", file, bytes => bytes[..^1]);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_missing_file_makes_resume_use_the_checkpoint_before(string file) =>
        await ShouldFallBackAsync($"{file}, missing", file, _ => null);

    async Task ShouldFallBackAsync(string what, string file, Func<byte[], byte[]?> damage)
    {
        var copy = $"copy-{Guid.NewGuid():N}";
        run.Workspace.Copy("run", copy);
        var path = run.Workspace[$"{copy}/checkpoints/{Newest}/{file}"];
        if (damage(await File.ReadAllBytesAsync(path)) is { } damaged)
            await File.WriteAllBytesAsync(path, damaged);
        else
            File.Delete(path);

        var resumed = await run.Workspace.TrainAsync("--run", copy, "--resume", "--set", "training.steps=30");

        var refused = resumed.Events.Where(e => e.Text("event") == "checkpoint_refused").ToList();
        refused.ShouldHaveSingleItem(what).Text("reason").ShouldContain(Newest);
        resumed.Events.Single(e => e.Text("event") == "started").Whole("step").ShouldBe(10, what);
        resumed.Hash.ShouldBe(run.Undisturbed, what);
    }

    /// <summary>Trained once for all tests.</summary>
    public sealed class Run : IAsyncLifetime
    {
        public Workspace Workspace { get; } = new();

        public string Undisturbed { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            // The last step always gets a checkpoint; one in between is left out while another is being written.
            (await Workspace.TrainAsync("--run", "run", "--set", "training.steps=10")).ExitCode.ShouldBe(0);
            (await Workspace.TrainAsync("--run", "run", "--resume", "--set", "training.steps=20")).ExitCode.ShouldBe(0);
            Undisturbed = (await Workspace.TrainAsync("--run", "undisturbed", "--set", "training.steps=30")).Hash;
        }

        public ValueTask DisposeAsync()
        {
            Workspace.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
