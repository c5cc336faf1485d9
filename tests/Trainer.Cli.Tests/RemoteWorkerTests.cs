using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text.Json;

namespace Trainer.Cli.Tests;

/// <summary>A coordinator and workers as processes of their own, over loopback.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RemoteWorkerTests : IDisposable
{
    readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Two_worker_processes_give_the_weights_of_one_worker_in_one_process_and_end_with_the_run()
    {
        var alone = await _workspace.TrainAsync("--run", "alone", "--workers", "1");
        await using var coordinator = Listen("127.0.0.1:0", "--workers", "0", "--min-workers", "2");
        var address = await AddressAsync(coordinator);
        await using var first = Worker(address, "--slots", "1");
        await using var second = Worker(address, "--slots", "2");

        var together = await coordinator.EndAsync();

        together.Hash.ShouldBe(alone.Hash);
        together.Last.Text("run").ShouldBe("together");
        together.Events.First(e => e.Text("event") == "step").Whole("workers").ShouldBeGreaterThanOrEqualTo(2, "the first step waits for both");
        await ShouldEndWithTheRunAsync(first);
        await ShouldEndWithTheRunAsync(second);
    }

    [Fact]
    public async Task A_worker_that_is_killed_in_mid_run_and_one_that_joins_then_leave_the_weights_unchanged()
    {
        await using var coordinator = Listen("127.0.0.1:0", "--workers", "0", "--min-workers", "2", "--set", "training.steps=100000");
        var address = await AddressAsync(coordinator);
        await using var killed = Worker(address, "--slots", "1");
        await using var staying = Worker(address, "--slots", "1");
        await coordinator.WaitForStepAsync(20);
        killed.Kill();
        await coordinator.WaitForAsync(Is("worker_lost"));
        await using var joining = Worker(address, "--slots", "1");
        var joined = await coordinator.WaitForAsync(Is("worker_joined"));
        joined.Whole("workers").ShouldBe(2);
        var step = await coordinator.WaitForAsync(e => e.Text("event") == "step" && e.Whole("workers") == 2);
        await coordinator.WaitForStepAsync(step.Whole("step") + 20);
        coordinator.Signal("INT");
        var stopped = await coordinator.EndAsync();
        stopped.ExitCode.ShouldBe(130, stopped.Errors);

        var steps = $"training.steps={stopped.Last.Whole("step") + 5}";
        var resumed = await _workspace.TrainAsync("--run", "together", "--resume", "--workers", "1", "--set", steps);
        var alone = await _workspace.TrainAsync("--run", "alone", "--workers", "1", "--set", steps);

        resumed.Hash.ShouldBe(alone.Hash);
    }

    [Fact]
    public async Task A_run_that_loses_every_worker_waits_for_others()
    {
        await using var coordinator = Listen("127.0.0.1:0", "--workers", "0");
        var address = await AddressAsync(coordinator);
        await using var lost = Worker(address, "--slots", "1");
        await coordinator.WaitForStepAsync(10);
        lost.Kill();
        await coordinator.WaitForAsync(e => e.Text("event") == "notice" && e.Text("message").Contains("waiting for others", StringComparison.Ordinal));
        await using var next = Worker(address, "--slots", "1");

        var together = await coordinator.EndAsync();

        together.Hash.ShouldBe((await _workspace.TrainAsync("--run", "alone", "--workers", "1")).Hash);
        await ShouldEndWithTheRunAsync(next);
    }

    [Fact]
    public async Task A_coordinator_that_waits_for_workers_stops_on_a_signal()
    {
        await using var coordinator = Listen("127.0.0.1:0", "--workers", "0");
        await AddressAsync(coordinator);
        coordinator.Signal("TERM");

        var stopped = await coordinator.EndAsync();

        stopped.ExitCode.ShouldBe(143, stopped.Errors);
        stopped.Last.Text("event").ShouldBe("interrupted");
    }

    [Fact]
    public async Task A_worker_waits_for_a_coordinator_that_comes_later_and_for_one_that_comes_back()
    {
        var address = $"127.0.0.1:{FreePort()}";
        await using var worker = Worker(address, "--slots", "1");
        (await worker.WaitForLineAsync(line => line.Contains("waiting", StringComparison.Ordinal))).ShouldContain(address);
        await using (var first = Listen(address, "--workers", "0"))
        {
            await first.WaitForAsync(e => e.Text("event") == "checkpoint" && e.Whole("step") > 0);
            first.Kill();
            await first.ExitAsync();
        }

        await worker.WaitForLineAsync(line => line.Contains("away", StringComparison.Ordinal));
        await using var second = Listen(address, "--workers", "0", "--resume");

        var resumed = await second.EndAsync();

        resumed.Events.Single(Is("started").Invoke).Whole("step").ShouldBeGreaterThan(0);
        resumed.Hash.ShouldBe((await _workspace.TrainAsync("--run", "alone", "--workers", "1")).Hash);
        await ShouldEndWithTheRunAsync(worker);
    }

    [Fact]
    public async Task A_worker_of_a_run_that_fails_fails_too()
    {
        await using var coordinator = Listen("127.0.0.1:0", "--workers", "0", "--set", "training.optimizer={ adam: { rate: 1e6 } }");
        await using var worker = Worker(await AddressAsync(coordinator), "--slots", "1");
        (await coordinator.EndAsync()).ExitCode.ShouldBe(1);

        var ended = await worker.EndAsync();

        ended.ExitCode.ShouldBe(1);
        ended.ErrorLines.ShouldHaveSingleItem().ShouldContain("the run failed");
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task A_signal_ends_a_worker_whether_it_waits_or_works(string signal, int exitCode)
    {
        await using var waiting = Worker($"127.0.0.1:{FreePort()}", "--slots", "1");
        await waiting.WaitForLineAsync(line => line.Contains("waiting", StringComparison.Ordinal));
        waiting.Signal(signal);
        (await waiting.EndAsync()).ExitCode.ShouldBe(exitCode);

        await using var coordinator = Listen("127.0.0.1:0", "--workers", "0", "--set", "training.steps=100000");
        await using var working = Worker(await AddressAsync(coordinator), "--slots", "1");
        await coordinator.WaitForStepAsync(5);
        working.Signal(signal);
        var ended = await working.EndAsync();

        ended.ExitCode.ShouldBe(exitCode, ended.Errors);
        ended.Errors.ShouldBeEmpty();
        await coordinator.WaitForAsync(Is("worker_lost"));
    }

    [Fact]
    public async Task An_address_in_use_is_bad_input_and_leaves_no_run_behind()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        var result = await _workspace.RunAsync("train", "job.yaml", "--listen", $"{taken.LocalEndpoint}");

        result.ExitCode.ShouldBe(2);
        result.ErrorLines.ShouldHaveSingleItem().ShouldContain($"--listen {taken.LocalEndpoint}");
        Directory.Exists(_workspace["runs"]).ShouldBeFalse();
    }

    [Fact]
    public async Task Plain_output_tells_the_port_that_was_given()
    {
        await using var coordinator = Command.Start(_workspace.Folder, ["train", "job.yaml", "--workers", "1", "--listen", "localhost:0", "--set", "training.steps=2"]);

        var line = await coordinator.WaitForLineAsync(line => line.StartsWith("listening on ", StringComparison.Ordinal));

        IPEndPoint.Parse(line["listening on ".Length..]).Port.ShouldBeGreaterThan(0);
        (await coordinator.EndAsync()).ExitCode.ShouldBe(0);
    }

    static Func<JsonElement, bool> Is(string name) => e => e.Text("event") == name;

    static async Task<string> AddressAsync(RunningCommand coordinator) => (await coordinator.WaitForAsync(Is("listening"))).Text("address");

    static async Task ShouldEndWithTheRunAsync(RunningCommand worker)
    {
        var ended = await worker.EndAsync();
        ended.ExitCode.ShouldBe(0, ended.Errors);
        ended.Output.ShouldContain("the run is done");
        ended.Errors.ShouldBeEmpty();
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    RunningCommand Listen(string address, params string[] arguments) => _workspace.Start(["--run", "together", "--listen", address, .. arguments]);

    RunningCommand Worker(string address, params string[] arguments) =>
        Command.Start(_workspace.Folder, ["worker", "--coordinator", address, .. arguments]);
}
