using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text.Json;

namespace Trainer.Cli.Tests;

/// <summary>Coordinators that stand by, with a real etcd: one takes over from one that is killed, and one that was paused changes nothing when it wakes.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class StandbyTests(StandbyTests.Etcd etcd) : IClassFixture<StandbyTests.Etcd>, IDisposable
{
    readonly Workspace _workspace = new();
    readonly string _registry = etcd.Address($"run-{Guid.NewGuid():N}");

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_standby_takes_over_from_a_coordinator_that_is_killed_with_the_same_weights_and_nobody_has_to_help()
    {
        await using var leader = Candidate("--workers", "0");
        await leader.WaitForAsync(Is("listening"));
        await using var standby = Candidate("--workers", "0");
        await standby.WaitForAsync(Notice("standing by: the coordinator is "));
        await using var worker = Worker();
        await leader.WaitForAsync(e => e.Text("event") == "checkpoint" && e.Whole("step") >= 10);
        leader.Kill();

        var finished = await standby.EndAsync();

        finished.Hash.ShouldBe(await AloneAsync());
        var started = finished.Events.Single(Is("started").Invoke);
        started.Whole("step").ShouldBeGreaterThanOrEqualTo(10);
        started.Whole("term").ShouldBeGreaterThan(1);
        var ended = await worker.EndAsync();
        ended.ExitCode.ShouldBe(0, ended.Errors);
        ended.Output.ShouldContain("the run is done");
    }

    [Fact]
    public async Task A_coordinator_that_was_paused_and_wakes_after_its_successor_ended_says_so_in_one_line_and_changes_nothing()
    {
        await using var paused = Candidate("--workers", "1", "--set", "training.checkpoint.every=1 steps");
        await paused.WaitForStepAsync(15);
        paused.Signal("STOP");
        await using var successor = Candidate("--workers", "1");
        (await successor.EndAsync()).Hash.ShouldBe(await AloneAsync());
        var before = Content("together");

        paused.Signal("CONT");
        var deposed = await paused.EndAsync();

        deposed.ExitCode.ShouldBe(1);
        deposed.ErrorLines.ShouldHaveSingleItem().ShouldContain("deposed after step ");
        Content("together").ShouldBe(before);
    }

    [Fact]
    public async Task A_run_that_is_done_ends_at_once_with_its_result()
    {
        var first = await Candidate("--workers", "1", "--set", "training.steps=20").EndAsync();
        var before = Content("together");

        // Without workers, since there is nothing to compute.
        var again = await Candidate("--workers", "0", "--set", "training.steps=20").EndAsync();

        again.Hash.ShouldBe(first.Hash);
        Content("together").ShouldBe(before);
    }

    [Fact]
    public async Task A_signal_ends_a_process_that_stands_by()
    {
        await using var leader = Candidate("--workers", "1", "--set", "training.steps=100000");
        await leader.WaitForStepAsync(1);
        await using var standby = Candidate("--workers", "1", "--set", "training.steps=100000");
        await standby.WaitForAsync(Notice("standing by: the coordinator is "));
        standby.Signal("TERM");
        (await standby.EndAsync()).ExitCode.ShouldBe(143);
        leader.Signal("INT");
        (await leader.EndAsync()).ExitCode.ShouldBe(130);
    }

    [Fact]
    public async Task A_run_of_one_process_can_go_on_with_a_registry_and_back()
    {
        (await _workspace.TrainAsync("--run", "together", "--workers", "1", "--set", "training.steps=20")).ExitCode.ShouldBe(0);
        var registered = await Candidate("--workers", "1", "--set", "training.steps=30").EndAsync();
        var back = await _workspace.TrainAsync("--run", "together", "--resume", "--workers", "1");

        registered.ExitCode.ShouldBe(0, registered.Errors);
        back.Hash.ShouldBe(await AloneAsync());
        var terms = new[] { registered, back }.Select(run => run.Events.Single(Is("started").Invoke).Whole("term")).ToList();
        terms[0].ShouldBeGreaterThan(1);
        terms[1].ShouldBeGreaterThan(terms[0]);
    }

    static Func<JsonElement, bool> Is(string name) => e => e.Text("event") == name;

    static Func<JsonElement, bool> Notice(string text) => e => e.Text("event") == "notice" && e.Text("message").Contains(text, StringComparison.Ordinal);

    async Task<string> AloneAsync() => (await _workspace.TrainAsync("--run", "alone", "--workers", "1")).Hash;

    RunningCommand Candidate(params string[] arguments) =>
        _workspace.Start(["--run", "together", "--listen", "127.0.0.1:0", "--registry", _registry, .. arguments]);

    RunningCommand Worker() => Command.Start(_workspace.Folder, ["worker", "--registry", _registry, "--slots", "1"]);

    /// <summary>Every file below a folder with what is in it.</summary>
    List<string> Content(string folder) =>
    [
        .. Directory.EnumerateFiles(_workspace[folder], "*", SearchOption.AllDirectories)
            .Select(file => $"{Path.GetRelativePath(_workspace[folder], file)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}").Order(),
    ];

    /// <summary>One etcd for all tests.</summary>
    public sealed class Etcd : IAsyncLifetime
    {
        EtcdCluster? _cluster;

        public string Address(string name)
        {
            EtcdCluster.SkipUnlessInstalled();
            return _cluster!.Address(name);
        }

        public async ValueTask InitializeAsync()
        {
            if (EtcdCluster.IsInstalled) _cluster = await EtcdCluster.StartAsync(1);
        }

        public async ValueTask DisposeAsync()
        {
            if (_cluster is not null) await _cluster.DisposeAsync();
        }
    }
}
