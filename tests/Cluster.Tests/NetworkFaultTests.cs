using System.Globalization;

namespace Cluster.Tests;

/// <summary>
/// A coordinator on one machine and four workers on two others (network namespaces, over TLS), of which one falls out of the network for a while. Needs root, iproute2 and
/// nftables.
/// </summary>
/// <remarks>LSTM_CLUSTER_CUT_SECONDS is how long it is cut off (10).</remarks>
[Trait("Category", "Slow")]
public sealed class NetworkFaultTests(ITestOutputHelper output) : IDisposable
{
    const int Workers = 4;
    const long StepsMeanwhile = 200;

    static readonly TimeSpan Cut = TimeSpan.FromSeconds(Effort.Of("LSTM_CLUSTER_CUT_SECONDS", 10));
    static readonly TimeSpan WaitsAtMost = TimeSpan.FromSeconds(3);

    readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public Task Half_of_the_workers_cut_off_leave_the_rest_at_work_and_come_back() =>
        CutOffAsync(network => network.SetCable("far", plugged: false), network => network.SetCable("far", plugged: true));

    [Fact]
    public Task Half_of_the_workers_that_hear_but_are_not_heard_leave_the_rest_at_work_and_come_back() =>
        CutOffAsync(network => network.Drop("far", sent: true), network => network.Heal("far"));

    [Fact]
    public Task Half_of_the_workers_that_are_heard_but_do_not_hear_leave_the_rest_at_work_and_come_back() =>
        CutOffAsync(network => network.Drop("far", sent: false), network => network.Heal("far"));

    async Task CutOffAsync(Action<NetworkNamespaces> cut, Action<NetworkNamespaces> heal)
    {
        using var network = NetworkNamespaces.CreateOrSkip("trainer", "near", "far");
        await _workspace.InitAsync("security", "near", "far");
        await using var cluster = new TrainingCluster(_workspace, Workers, new OnMachines(network, "trainer", ["near", "far"], "security"));
        await cluster.StartAsync();
        var coordinator = cluster.Coordinator;

        var from = coordinator.Count;
        var at = WatchedProcess.Now;
        cut(network);
        var without = await cluster.WaitForStepByAsync(Workers / 2, from);
        await coordinator.WaitForStepAsync(without.Json!.Value.Whole("step") + StepsMeanwhile, without.Number);
        var left = Cut - (WatchedProcess.Now - at);
        if (left > TimeSpan.Zero) await Task.Delay(left);
        var healed = coordinator.Count;
        heal(network);
        var healedAt = WatchedProcess.Now;
        var back = await cluster.WaitForStepByAsync(Workers, healed);

        // The two on the far machine were lost, nobody else, and training never waited longer than for a lost worker.
        var during = coordinator.Lines.Skip(from).TakeWhile(line => line.Number < healed).ToList();
        during.Count(line => line.Is("worker_lost")).ShouldBe(Workers / 2, cluster.Story);
        var steps = during.Where(line => line.Is("step")).Select(line => line.At).ToList();
        var longest = steps.Skip(1).Zip(steps, (next, before) => next - before).Max();
        longest.ShouldBeLessThan(WaitsAtMost);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"cut off for {(healedAt - at).TotalSeconds:F1} s: {steps.Count} steps meanwhile, the longest took {longest.TotalSeconds:F2} s; all back after {(back.At - healedAt).TotalSeconds:F2} s"));
        await cluster.ShouldEndAsIfUndisturbedAsync("what happened is above");
    }
}
