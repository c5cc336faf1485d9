using System.Globalization;
using System.Security.Cryptography;

namespace Cluster.Tests;

/// <summary>Coordinators that stand by for one another through an etcd of three nodes, of which one is dead, with four workers.</summary>
/// <remarks>LSTM_CLUSTER_RESTARTS is the number of coordinators that are lost, for the figure (3).</remarks>
[Trait("Category", "Slow")]
public sealed class StandbyTests(ITestOutputHelper output) : IDisposable
{
    const int Workers = 4;

    readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_coordinator_that_wakes_after_a_standby_took_over_changes_nothing_though_a_node_of_etcd_is_dead()
    {
        EtcdCluster.SkipUnlessInstalled();
        await using var etcd = await EtcdCluster.StartAsync(3);
        await using var cluster = Cluster(etcd);
        await cluster.StartAsync();
        var paused = cluster.Coordinator;
        var successor = cluster.StartCoordinator();
        await successor.WaitForAsync(StandsBy, "a notice that it stands by");
        await etcd.Nodes[1].KillAsync();
        await paused.WaitForStepAsync(paused.LastStep + 20);

        paused.Send(Signal.Stop);
        await cluster.WaitForStepByAsync(Workers, 0);

        // While the new one is held, whatever changes is the old one's doing.
        successor.Send(Signal.Stop);
        var before = Content();
        paused.Send(Signal.Continue);
        (await paused.ExitAsync()).ShouldBe(1, paused.Story);
        var after = Content();
        successor.Send(Signal.Continue);

        paused.Errors.ShouldContain("deposed");
        after.ShouldBe(before);
        output.WriteLine(paused.Errors);
        output.WriteLine($"{before.Count} files of the run directory are as they were");
    }

    [Fact]
    public async Task Coordinators_that_are_killed_are_replaced_by_the_one_that_stands_by_and_nobody_has_to_help()
    {
        EtcdCluster.SkipUnlessInstalled();
        await using var etcd = await EtcdCluster.StartAsync(3);
        await using var cluster = Cluster(etcd);
        await cluster.StartAsync();
        var times = new List<TimeSpan>();
        for (var loss = 0; loss < Effort.Of("LSTM_CLUSTER_RESTARTS", 3); loss++)
        {
            var leader = cluster.Coordinator;
            var standby = cluster.StartCoordinator();
            await standby.WaitForAsync(StandsBy, "a notice that it stands by");
            await leader.WaitForStepAsync(leader.LastStep + 20);
            var at = WatchedProcess.Now;
            leader.Send(Signal.Kill);
            times.Add((await standby.WaitForEventAsync("step")).At - at);
            await leader.ExitAsync();
            standby.Lines.Single(line => line.Is("started")).Json!.Value.Whole("step").ShouldBeGreaterThanOrEqualTo(
                leader.Lines.Where(line => line.Is("checkpoint")).Select(line => line.Json!.Value.Whole("step")).DefaultIfEmpty().Max(), "what was reported is not lost");
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{times.Count} coordinators lost, from the kill to the standby's first step: median {times.Order().ElementAt(times.Count / 2).TotalSeconds:F2} s, most {times.Max().TotalSeconds:F2} s"));
        await cluster.ShouldEndAsIfUndisturbedAsync("what happened is above");
    }

    static bool StandsBy(ProcessLine line) => line.Is("notice") && line.Json!.Value.Text("message").StartsWith("standing by", StringComparison.Ordinal);

    TrainingCluster Cluster(EtcdCluster etcd) => new(_workspace, Workers, new OnRegistry(etcd.Address("run")));

    /// <summary>Every file of the run directory with what is in it.</summary>
    List<string> Content() =>
    [
        // What it was just writing, under a name that nobody reads, it may finish.
        .. Directory.EnumerateFiles(_workspace["run"], "*", SearchOption.AllDirectories)
            .Where(file => !file.Contains(".tmp-", StringComparison.Ordinal))
            .Select(file => $"{Path.GetRelativePath(_workspace["run"], file)} {Convert.ToHexString(HashOf(file))}").Order(),
    ];

    /// <summary>Of a file that a stopped process may hold open and locked.</summary>
    static byte[] HashOf(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return SHA256.HashData(stream);
    }
}
