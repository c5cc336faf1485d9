namespace Cluster.Tests;

/// <summary>A parameter server as a process that finds its coordinator by a registry, over TLS.</summary>
[Trait("Category", "Slow")]
public sealed class ParameterServerTests : IDisposable
{
    const int Workers = 2;

    readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_parameter_server_that_is_registered_nowhere_and_found_by_everybody_over_TLS_is_killed_and_replaced_as_is_the_coordinator()
    {
        EtcdCluster.SkipUnlessInstalled();
        await using var etcd = await EtcdCluster.StartAsync(1);
        await using var cluster = new TrainingCluster(_workspace, Workers, new OnRegistry(etcd.Address("run"), await NodeFolders.InitAsync(_workspace))) { ServerCount = 1 };
        await cluster.StartAsync();
        var first = cluster.Coordinator;
        var from = first.Count;
        cluster.Servers[0].Send(Signal.Kill);
        await first.WaitForEventAsync("restarted", from);
        cluster.StartServer(0);
        await cluster.WaitForStepByAsync(Workers, from);

        var standby = cluster.StartCoordinator();
        first.Send(Signal.Kill);
        await first.ExitAsync();
        (await standby.WaitForEventAsync("started")).Json!.Value.Whole("term").ShouldBeGreaterThan(2);

        await cluster.ShouldEndAsIfUndisturbedAsync("what happened is above");
    }
}
