using System.Runtime.Versioning;

namespace Trainer.Cli.Tests.Operations;

/// <summary>Metrics of real processes, as a collector gets them.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class CollectorTests : IDisposable
{
    readonly Workspace _workspace = new();
    readonly FakeCollector _collector = new();

    public void Dispose()
    {
        _collector.Dispose();
        _workspace.Dispose();
    }

    [Fact]
    public async Task A_run_sends_what_it_counted_before_it_ends()
    {
        var result = await _workspace.TrainAsync("--otlp", _collector.Address, "--set", "training.steps=20", "--listen", "127.0.0.1:0");

        result.ExitCode.ShouldBe(0, result.Errors);
        result.Errors.ShouldBeEmpty();
        _collector.Requests.Distinct().ShouldBe([("/v1/metrics", "application/x-protobuf")]);
        _collector.Resource["service.name"].ShouldBe("lstm-cluster");
        _collector.Resource["lstm_cluster.role"].ShouldBe("coordinator");
        _collector.Metrics["lstm_cluster.steps"].ShouldBe("{step}");
        _collector.Metrics["lstm_cluster.step.duration"].ShouldBe("s");
        _collector.Metrics["lstm_cluster.network.io"].ShouldBe("By");
        _collector.Metrics.Keys.ShouldContain("lstm_cluster.worker.wait.time");
        _collector.Metrics["lstm_cluster.shards.reissued"].ShouldBe("{shard}");
        _collector.Metrics["lstm_cluster.shards.helped"].ShouldBe("{shard}");
        _collector.Metrics["lstm_cluster.messages.stale"].ShouldBe("{message}");
    }

    [Fact]
    public async Task The_environment_names_a_collector_for_a_worker_too()
    {
        (string, string?)[] environment =
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", _collector.Address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_SERVICE_NAME", "night-run"),
        ];
        await using var coordinator = _workspace.Start("--listen", "127.0.0.1:0", "--workers", "0", "--set", "training.steps=20");
        var address = (await coordinator.WaitForAsync(e => e.Text("event") == "listening")).Text("address");

        var worker = await Command.RunAsync(_workspace.Folder, ["worker", "--coordinator", address, "--slots", "1"], environment);

        worker.ExitCode.ShouldBe(0, worker.Errors);
        _collector.Resource["service.name"].ShouldBe("night-run");
        _collector.Resource["lstm_cluster.role"].ShouldBe("worker");
        _collector.Metrics.Keys.ShouldContain("lstm_cluster.network.io");
        _collector.Metrics["lstm_cluster.compute.shards"].ShouldBe("{shard}");
        _collector.Metrics["lstm_cluster.compute.time"].ShouldBe("s");
        _collector.Metrics["lstm_cluster.compute.wait.time"].ShouldBe("s");
        _collector.Metrics["lstm_cluster.messages.stale"].ShouldBe("{message}");
    }

    [Fact]
    public async Task A_collector_that_is_away_disturbs_nobody()
    {
        var address = _collector.Address;
        _collector.Dispose();

        var result = await _workspace.TrainAsync("--otlp", address, "--set", "training.steps=20");

        result.ExitCode.ShouldBe(0);
        result.Errors.ShouldBeEmpty();
    }
}
