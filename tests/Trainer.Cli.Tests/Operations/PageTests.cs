using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text.Json;

namespace Trainer.Cli.Tests.Operations;

/// <summary>The pages of a real run, while it waits for workers, trains and ends.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PageTests : IDisposable
{
    readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_run_is_alive_before_its_workers_join_and_ready_only_after()
    {
        await using var coordinator = Start("--listen", "127.0.0.1:0", "--workers", "0", "--min-workers", "2");
        using var pages = await Pages.OfAsync(coordinator);
        var workersJoinAt = (await coordinator.WaitForAsync(Is("listening"))).Text("address");
        await coordinator.WaitForAsync(Is("checkpoint"));

        (await pages.GetAsync("/healthz")).Code.ShouldBe(HttpStatusCode.OK);
        (await pages.GetAsync("/readyz")).ShouldBe((HttpStatusCode.ServiceUnavailable, "waiting for workers: 2 more workers have to join\n"));
        (await pages.StatusAsync()).Text("state").ShouldBe("waiting for workers");

        await using var worker = Command.Start(_workspace.Folder, ["worker", "--coordinator", workersJoinAt, "--slots", "2"]);
        await coordinator.WaitForStepAsync(1);

        (await pages.GetAsync("/healthz")).Code.ShouldBe(HttpStatusCode.OK);
        (await pages.GetAsync("/readyz")).ShouldBe((HttpStatusCode.OK, "training\n"));
    }

    [Fact]
    public async Task The_status_tells_who_computes_what_and_who_waited_for_whom()
    {
        await using var coordinator = Start("--listen", "127.0.0.1:0", "--workers", "1", "--min-workers", "2");
        using var pages = await Pages.OfAsync(coordinator);
        var workersJoinAt = (await coordinator.WaitForAsync(Is("listening"))).Text("address");
        await using var worker = Command.Start(_workspace.Folder, ["worker", "--coordinator", workersJoinAt, "--slots", "1"]);
        await coordinator.WaitForStepAsync(20);

        var status = await pages.StatusAsync();

        status.Text("state").ShouldBe("training");
        status.Text("run").ShouldBe(_workspace["watched"]);
        status.Text("job").ShouldBe("small");
        status.Whole("step").ShouldBeGreaterThanOrEqualTo(20);
        status.Whole("steps").ShouldBe(1000000);
        status.Whole("term").ShouldBe(1);
        status.Number("train_loss").ShouldBeGreaterThan(0);
        status.Number("tokens_per_second").ShouldBeGreaterThan(0);
        status.GetProperty("parameter_servers").GetArrayLength().ShouldBeGreaterThan(0);
        var checkpoint = status.GetProperty("checkpoint");
        Directory.Exists(checkpoint.Text("path")).ShouldBeTrue();
        checkpoint.Number("age_seconds").ShouldBeGreaterThanOrEqualTo(0);
        var network = status.GetProperty("network");
        network.Text("address").ShouldBe(workersJoinAt);
        network.Whole("bytes_sent").ShouldBeGreaterThan(0);
        network.Whole("bytes_received").ShouldBeGreaterThan(0);
        network.GetProperty("nodes").EnumerateArray().ShouldHaveSingleItem();
        var workers = status.GetProperty("workers").EnumerateArray().ToList();
        workers.Count.ShouldBe(2);
        var names = workers.Select(w => w.Text("name")).ToList();
        foreach (var one in workers)
        {
            one.Text("device").ShouldBe("cpu");
            one.Whole("shards_done").ShouldBeGreaterThanOrEqualTo(20 * 4 - 4);
            one.Number("compute_share").ShouldBeInRange(0.001, 1);
            (one.Number("compute_share") + one.Number("wait_share")).ShouldBe(1, 1e-9);
            var waits = one.GetProperty("waits").EnumerateArray().ToList();
            waits.Select(wait => wait.Text("on")).ShouldBeSubsetOf([.. names.Where(name => name != one.Text("name")), "parameter-server", "no shards"]);
            waits.Sum(wait => wait.Number("share")).ShouldBe(one.Number("wait_share"), 1e-9);
        }

        var computing = workers.SelectMany(w => w.GetProperty("shards").EnumerateArray().Select(shard => shard.GetInt32())).ToList();
        computing.ShouldBeUnique();
        computing.ShouldAllBe(shard => shard >= 0 && shard < 8);
    }

    [Fact]
    public async Task The_metrics_page_is_strictly_in_its_format_and_counts_what_happened()
    {
        await using var coordinator = Start("--listen", "127.0.0.1:0", "--workers", "2");
        using var pages = await Pages.OfAsync(coordinator);
        var listening = IPEndPoint.Parse((await coordinator.WaitForAsync(Is("listening"))).Text("address"));
        await coordinator.WaitForStepAsync(30);
        await MisbehaveAsync(listening);

        var metrics = await pages.MetricsAsync();

        var steps = metrics.Value("lstm_cluster_steps_total");
        steps.ShouldBeGreaterThanOrEqualTo(30);
        metrics.TypeOf("lstm_cluster_steps_total").ShouldBe("counter");
        metrics.Value("lstm_cluster_tokens_total").ShouldBe(64 * steps);
        metrics.TypeOf("lstm_cluster_step_duration_seconds").ShouldBe("histogram");
        metrics.Value("lstm_cluster_step_duration_seconds_count").ShouldBeInRange(steps, steps + 1);
        metrics.Value("lstm_cluster_shard_compute_duration_seconds_count").ShouldBe(8 * metrics.Value("lstm_cluster_step_duration_seconds_count"));
        metrics.Value("lstm_cluster_workers").ShouldBe(2);
        metrics.Value("lstm_cluster_workers_joined_total").ShouldBe(2);
        metrics.Value("lstm_cluster_checkpoint_failures_total").ShouldBe(0);
        metrics.Value("lstm_cluster_checkpoint_duration_seconds_count").ShouldBeGreaterThan(0);
        metrics.Value("lstm_cluster_coordinator_term").ShouldBe(1);
        metrics.Value("lstm_cluster_coordinator_restarts_total").ShouldBe(0);
        metrics.Value("lstm_cluster_loss_train").ShouldBeGreaterThan(0);
        metrics.Value("lstm_cluster_gradient_norm").ShouldBeGreaterThan(0);
        metrics.Of("lstm_cluster_worker_compute_time_seconds_total").Select(sample => sample.Labels["worker"]).ShouldBe(["worker-0", "worker-1"], ignoreOrder: true);
        metrics.Of("lstm_cluster_worker_wait_time_seconds_total").Select(sample => sample.Labels["waited_on"]).ShouldContain("parameter-server");
        metrics.Of("lstm_cluster_network_io_bytes_total").Select(sample => sample.Labels["network_io_direction"]).ShouldBe(["transmit", "receive"]);
        metrics.Value("lstm_cluster_network_connections_malformed_total").ShouldBe(1);
        metrics.Families.ShouldContain("dotnet_process_cpu_time_seconds_total");
    }

    [Fact]
    public async Task Pages_only_read()
    {
        await using var coordinator = Start();
        using var pages = await Pages.OfAsync(coordinator);

        (await pages.PostAsync("/status")).ShouldBe(HttpStatusCode.MethodNotAllowed);
        (await pages.GetAsync("/")).Code.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_run_with_pages_has_the_weights_of_one_without_and_leaves_no_trace_of_them()
    {
        var watched = await _workspace.TrainAsync("--run", "watched", "--http", "127.0.0.1:0");
        var alone = await _workspace.TrainAsync("--run", "alone");

        watched.Hash.ShouldBe(alone.Hash);
        File.Exists(_workspace["watched/pages.json"]).ShouldBeFalse();
    }

    [Fact]
    public async Task An_address_in_use_is_bad_input_and_leaves_no_run_behind()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        var result = await _workspace.RunAsync("train", "job.yaml", "--http", $"{taken.LocalEndpoint}");

        result.ExitCode.ShouldBe(2);
        result.ErrorLines.ShouldHaveSingleItem().ShouldContain($"--http {taken.LocalEndpoint}");
        Directory.Exists(_workspace["runs"]).ShouldBeFalse();
    }

    [Fact]
    public async Task An_address_that_other_machines_reach_is_served_when_that_is_allowed()
    {
        await using var coordinator = Command.Start(
            _workspace.Folder, ["train", "job.yaml", "--json", "--run", "watched", "--set", "training.steps=1000000", "--http", "0.0.0.0:0", "--http-allow-remote"]);
        var address = new Uri((await coordinator.WaitForAsync(Is("serving"))).Text("address"));
        using var pages = new Pages($"http://127.0.0.1:{address.Port}");
        await coordinator.WaitForStepAsync(1);

        (await pages.GetAsync("/readyz")).Code.ShouldBe(HttpStatusCode.OK);

        (await _workspace.RunAsync("status", "watched")).Output.ShouldContain(": training");
    }

    static Func<JsonElement, bool> Is(string name) => e => e.Text("event") == name;

    /// <summary>Sends what no node sends and waits until that was noticed.</summary>
    static async Task MisbehaveAsync(IPEndPoint listening)
    {
        using var stranger = new TcpClient();
        await stranger.ConnectAsync(listening);
        await stranger.GetStream().WriteAsync(new byte[256]);
        while (await stranger.GetStream().ReadAsync(new byte[1024]) > 0)
        {
        }
    }

    RunningCommand Start(params string[] arguments) =>
        _workspace.Start(["--run", "watched", "--http", "127.0.0.1:0", "--set", "training.steps=1000000", .. arguments]);
}
