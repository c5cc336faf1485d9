using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;

namespace Trainer.Cli.Tests.Operations;

/// <summary><c>status</c> of runs that train, and of runs that are over in every way.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class StatusVerbTests : IDisposable
{
    readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_run_that_trains_is_found_by_its_directory_and_by_its_address()
    {
        await using var running = Start("--http", "127.0.0.1:0", "--workers", "2");
        using var pages = await Pages.OfAsync(running);
        await running.WaitForStepAsync(20);

        var byDirectory = await _workspace.RunAsync("status", "watched");
        var byAddress = await _workspace.RunAsync("status", pages.Authority, "--json");

        byDirectory.ExitCode.ShouldBe(0, byDirectory.Errors);
        byDirectory.Output.ShouldStartWith($"small in {_workspace["watched"]}: training\n");
        byDirectory.Output.ShouldContain("worker-0 on cpu: ");
        byDirectory.Output.ShouldContain("worker-1 on cpu: ");
        byDirectory.Output.ShouldContain("parameter-server");
        byDirectory.Output.ShouldContain("checkpoint of step ");
        byAddress.ExitCode.ShouldBe(0, byAddress.Errors);
        byAddress.Events.ShouldHaveSingleItem().GetProperty("workers").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task A_run_that_was_killed_is_told_from_one_that_trains_without_pages()
    {
        await using var running = Start("--http", "127.0.0.1:0");
        await running.WaitForAsync(e => e.Text("event") == "checkpoint" && e.Whole("step") >= 10);
        running.Kill();
        await running.ExitAsync();
        File.Exists(_workspace["watched/pages.json"]).ShouldBeTrue("a process that is killed cannot take it away");

        var killed = (await _workspace.RunAsync("status", "watched", "--json")).Last;

        killed.Text("state").ShouldBe("killed");
        killed.Whole("step").ShouldBeGreaterThanOrEqualTo(10);
        killed.GetProperty("checkpoint").Whole("step").ShouldBeGreaterThanOrEqualTo(10);

        await using var resumed = Start("--resume");
        await resumed.WaitForAsync(e => e.Text("event") == "started");

        var running2 = await _workspace.RunAsync("status", "watched");

        running2.Output.ShouldStartWith($"small in {_workspace["watched"]}: running (a process trains here and has no pages");
    }

    [Fact]
    public async Task A_run_that_ended_tells_how()
    {
        await using (var stopped = Start())
        {
            await stopped.WaitForStepAsync(5);
            stopped.Signal("TERM");
            await stopped.EndAsync();
        }

        (await _workspace.RunAsync("status", "watched", "--json")).Last.Text("state").ShouldBe("interrupted");

        var finished = await _workspace.TrainAsync("--run", "done", "--set", "training.steps=20");
        var status = (await _workspace.RunAsync("status", "done", "--json")).Last;
        status.Text("state").ShouldBe("finished");
        status.Whole("step").ShouldBe(20);
        status.Text("weights_sha256").ShouldBe(finished.Hash);
        status.GetProperty("checkpoint").Whole("step").ShouldBe(20);
        (await _workspace.RunAsync("status", "done")).Output.ShouldContain($"weights {finished.Hash}");
    }

    [Fact]
    public async Task Another_process_at_the_address_of_a_run_that_is_over_is_not_taken_for_it()
    {
        await _workspace.TrainAsync("--run", "done", "--set", "training.steps=2");
        await using var running = Start("--http", "127.0.0.1:0");
        using var pages = await Pages.OfAsync(running);
        await running.WaitForStepAsync(1);
        _workspace.Write("done/pages.json", $$"""{"address":"http://{{pages.Authority}}/","machine":"here","process":1}""");

        (await _workspace.RunAsync("status", "done", "--json")).Last.Text("state").ShouldBe("finished");
    }

    [Theory]
    [InlineData("nowhere", 2, "no run directory")]
    [InlineData("empty", 2, "holds no run")]
    [InlineData("127.0.0.1:{free}", 1, "does not answer")]
    public async Task What_is_no_run_is_said_in_one_line(string what, int exitCode, string says)
    {
        Directory.CreateDirectory(_workspace["empty"]);

        var result = await _workspace.RunAsync("status", what.Replace("{free}", $"{FreePort()}", StringComparison.Ordinal));

        result.ExitCode.ShouldBe(exitCode);
        result.ErrorLines.ShouldHaveSingleItem().ShouldContain(says);
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    RunningCommand Start(params string[] arguments) => _workspace.Start(["--run", "watched", "--set", "training.steps=1000000", .. arguments]);
}
