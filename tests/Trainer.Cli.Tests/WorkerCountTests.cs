
namespace Trainer.Cli.Tests;

public sealed class WorkerCountTests
{
    [Fact]
    public async Task The_weights_have_the_same_bits_for_any_number_of_workers()
    {
        using var workspace = new Workspace();
        var hashes = new Dictionary<int, string>();
        foreach (var workers in new[] { 1, 2, 3, 8 })
        {
            var result = await workspace.TrainAsync("--workers", $"{workers}", "--run", $"run-{workers}");
            result.Last.Whole("step").ShouldBe(200);
            result.Events.Where(e => e.Text("event") == "step").Max(e => e.Number("epoch")).ShouldBeGreaterThan(2, "the state must have been reset");
            hashes[workers] = result.Hash;
        }

        hashes.Values.Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_list_of_devices_makes_one_worker_each()
    {
        using var workspace = new Workspace();

        var result = await workspace.TrainAsync("--device", "cpu,cpu,cpu", "--set", "training.steps=2");

        result.Events.Single(e => e.Text("event") == "started").Whole("workers").ShouldBe(3);
    }

    [Fact]
    public async Task Another_seed_gives_other_weights()
    {
        using var workspace = new Workspace();

        var first = await workspace.TrainAsync("--set", "training.steps=5", "--run", "first");
        var other = await workspace.TrainAsync("--set", "training.steps=5", "--set", "seed=8", "--run", "other");

        first.Hash.ShouldNotBe(other.Hash);
    }
}
