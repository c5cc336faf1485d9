using System.Runtime.Versioning;
using System.Text.Json;

namespace Trainer.Cli.Tests;

/// <summary>Parameter servers as processes of their own: the same weights, also when one is killed.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ParameterServerTests : IDisposable
{
    readonly Workspace _workspace = new();

    // Two parts need two buckets, of 2^18 parameters each at least.
    public ParameterServerTests() => _workspace.Write("job.yaml", Workspace.Job.Replace("units: 16", "units: 224", StringComparison.Ordinal).Replace("steps: 200", "steps: 40", StringComparison.Ordinal));

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Two_parameter_server_processes_give_the_weights_of_one_process_and_end_with_the_run()
    {
        await using var coordinator = Listen("--workers", "1", "--parameter-server-processes", "2");
        var address = await AddressAsync(coordinator);
        await using var first = Server(address);
        await using var second = Server(address);
        await using var worker = Command.Start(_workspace.Folder, ["worker", "--coordinator", address, "--slots", "2"]);

        var together = await coordinator.EndAsync();

        together.Hash.ShouldBe(await AloneAsync());
        foreach (var process in new[] { first, second, worker })
        {
            var ended = await process.EndAsync();
            ended.ExitCode.ShouldBe(0, ended.Errors);
            ended.Output.ShouldContain("the run is done");
        }
    }

    [Fact]
    public async Task A_parameter_server_that_is_killed_and_started_again_costs_a_generation_and_no_bits()
    {
        await using var coordinator = Listen("--workers", "0", "--parameter-server-processes", "2", "--set", "training.checkpoint.every=5 steps");
        var address = await AddressAsync(coordinator);
        await using var killed = Server(address);
        await using var staying = Server(address);
        await using var worker = Command.Start(_workspace.Folder, ["worker", "--coordinator", address, "--slots", "1"]);
        await coordinator.WaitForAsync(e => e.Text("event") == "checkpoint" && e.Whole("step") >= 5);
        killed.Kill();
        var restarted = await coordinator.WaitForAsync(Is("restarted"));
        await using var again = Server(address);

        var together = await coordinator.EndAsync();

        restarted.Whole("step").ShouldBeGreaterThanOrEqualTo(5);
        restarted.Whole("term").ShouldBe(2);
        together.Hash.ShouldBe(await AloneAsync());
        together.Events.Count(Is("finished").Invoke).ShouldBe(1);
        var seconds = together.Events.Where(e => e.Text("event") is "step" or "finished").Select(e => e.Number("seconds")).ToList();
        seconds.ShouldBeInOrder(SortDirection.Ascending, "they go on from the beginning of the process");
        foreach (var process in new[] { staying, again, worker }) (await process.EndAsync()).ExitCode.ShouldBe(0);
        LoggedSteps().ShouldBe(Enumerable.Range(1, 40).Select(step => (long)step));
    }

    [Fact]
    public async Task Parameter_servers_in_the_coordinators_process_give_the_weights_of_one()
    {
        var two = await _workspace.TrainAsync("--run", "together", "--workers", "1", "--parameter-servers", "2");
        two.Hash.ShouldBe(await AloneAsync());
    }

    [Fact]
    public async Task A_spare_parameter_server_takes_the_place_of_one_that_is_killed()
    {
        await using var coordinator = Listen("--workers", "1", "--parameter-server-processes", "1", "--set", "training.checkpoint.every=5 steps");
        var address = await AddressAsync(coordinator);
        await using var first = Server(address);
        await coordinator.WaitForStepAsync(1);
        await using var spare = Server(address);
        await spare.WaitForLineAsync(line => line.StartsWith("connected to ", StringComparison.Ordinal));
        first.Kill();

        var together = await coordinator.EndAsync();

        together.Events.Count(Is("restarted").Invoke).ShouldBe(1);
        together.Hash.ShouldBe(await AloneAsync());
        (await spare.EndAsync()).ExitCode.ShouldBe(0);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task A_signal_ends_a_parameter_server_that_waits(string signal, int exitCode)
    {
        await using var waiting = Server($"127.0.0.1:{FreePorts.Pick(1)[0]}");
        await waiting.WaitForLineAsync(line => line.Contains("waiting", StringComparison.Ordinal));
        waiting.Signal(signal);
        (await waiting.EndAsync()).ExitCode.ShouldBe(exitCode);
    }

    static Func<JsonElement, bool> Is(string name) => e => e.Text("event") == name;

    static async Task<string> AddressAsync(RunningCommand coordinator) => (await coordinator.WaitForAsync(Is("listening"))).Text("address");

    async Task<string> AloneAsync() => (await _workspace.TrainAsync("--run", "alone", "--workers", "1")).Hash;

    RunningCommand Listen(params string[] arguments) => _workspace.Start(["--run", "together", "--listen", "127.0.0.1:0", .. arguments]);

    RunningCommand Server(string address) => Command.Start(_workspace.Folder, ["parameter-server", "--coordinator", address]);

    List<long> LoggedSteps() =>
        [.. File.ReadLines(_workspace["together/metrics.jsonl"]).Select(Command.Parse).Where(e => e.Text("event") == "step").Select(e => e.Whole("step"))];
}
