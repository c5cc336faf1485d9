namespace Cluster.Tests;

/// <summary>Who hears how a run has ended, whatever they were doing at that moment.</summary>
[Trait("Category", "Slow")]
public sealed class EndOfRunTests(ITestOutputHelper output) : IDisposable
{
    const int Workers = 2;

    readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_worker_that_is_stopped_when_the_run_ends_hears_of_it_when_it_is_back()
    {
        await using var cluster = new TrainingCluster(_workspace, Workers, new OnLoopback());
        var coordinator = cluster.StartCoordinator(steps: 600);
        for (var worker = 0; worker < Workers; worker++) cluster.StartWorker(worker);
        await cluster.WaitForStepByAsync(Workers, 0);

        // Steps that wait for it are few until it counts as lost; the other one does the rest within the time that it has to come back.
        cluster.Workers[1].Send(Signal.Stop);
        await coordinator.WaitForEventAsync("worker_lost");
        var notice = await coordinator.WaitForAsync(
            line => line.Is("notice") && line.Json!.Value.Text("message").StartsWith("the run is over; waiting", StringComparison.Ordinal), "a notice that somebody is waited for");
        output.WriteLine(notice.Text);
        cluster.Workers[1].Send(Signal.Continue);

        (await coordinator.ExitAsync()).ShouldBe(0, coordinator.Story);
        coordinator.Lines[^1].Is("finished").ShouldBeTrue(coordinator.Story);
        foreach (var worker in cluster.Workers) (await worker.ExitAsync()).ShouldBe(0, worker.Story);
    }

    [Fact]
    public async Task A_worker_that_is_stopped_until_the_coordinator_has_left_finds_word_of_the_end_in_the_registry()
    {
        EtcdCluster.SkipUnlessInstalled();
        await using var etcd = await EtcdCluster.StartAsync(1);
        await using var cluster = new TrainingCluster(_workspace, Workers, new OnRegistry(etcd.Address("run")));
        var coordinator = cluster.StartCoordinator(steps: 600);
        for (var worker = 0; worker < Workers; worker++) cluster.StartWorker(worker);
        await cluster.WaitForStepByAsync(Workers, 0);
        cluster.Workers[1].Send(Signal.Stop);
        (await coordinator.ExitAsync()).ShouldBe(0, coordinator.Story);
        (await cluster.Workers[0].ExitAsync()).ShouldBe(0, cluster.Workers[0].Story);
        cluster.Workers[1].Send(Signal.Continue);

        (await cluster.Workers[1].ExitAsync()).ShouldBe(0, cluster.Workers[1].Story);

        cluster.Workers[1].Lines[^1].Text.ShouldBe("the run is done");
    }

    [Fact]
    public async Task A_run_that_is_given_up_because_its_parameter_server_is_lost_again_and_again_is_given_up_by_its_workers_too()
    {
        await using var cluster = new TrainingCluster(_workspace, Workers + 1, new OnLoopback()) { ServerCount = 1 };
        var coordinator = cluster.StartCoordinator();
        var server = cluster.StartServer(0);
        for (var worker = 0; worker < Workers; worker++) cluster.StartWorker(worker);
        var from = 0;
        for (var generation = 1; generation <= 5; generation++)
        {
            // The third worker never comes, so no step is done.
            from = (await coordinator.WaitForAsync(line => line.Is("notice") && line.Text.Contains("waiting for 3 workers", StringComparison.Ordinal), $"generation {generation}", from)).Number + 1;
            server.Send(Signal.Kill);
            await server.ExitAsync();
            if (generation < 5) server = cluster.StartServer(0);
        }

        (await coordinator.ExitAsync()).ShouldBe(1, coordinator.Story);
        coordinator.Errors.ShouldContain("5 times in a row");
        foreach (var worker in cluster.Workers.Take(Workers))
        {
            (await worker.ExitAsync()).ShouldBe(1, worker.Story);
            worker.Errors.ShouldContain("the run failed");
        }
    }

    [Fact]
    public async Task A_worker_that_is_told_for_how_long_to_look_for_its_coordinator_gives_up_then()
    {
        await using var cluster = new TrainingCluster(_workspace, 1, new OnLoopback());
        var coordinator = cluster.StartCoordinator();
        await coordinator.WaitForEventAsync("listening");
        await using var worker = cluster.StartWorkerAt($"{cluster.EndPoint}", "--reconnect-for", "2s");
        await cluster.WaitForStepByAsync(1, 0);
        coordinator.Send(Signal.Kill);

        (await worker.ExitAsync()).ShouldBe(1, worker.Story);

        worker.Errors.ShouldEndWith("the coordinator has been away for 2 s");
    }
}
