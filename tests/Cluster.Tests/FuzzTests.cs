using System.Globalization;

namespace Cluster.Tests;

/// <summary>Wrong bytes against processes that train: nobody crashes, hangs or grows, and the weights are those of one worker that nobody attacked.</summary>
/// <remarks>LSTMCLUSTER_FUZZ is the number of wrong frames and greetings (20,000), LSTM_CLUSTER_SEED repeats them.</remarks>
[Trait("Category", "Slow")]
public sealed class FuzzTests(ITestOutputHelper output) : IDisposable
{
    const int Workers = 2;
    const int Victims = 6;
    const int AtATime = 16;
    const long MostGrowthBytes = 200L << 20;

    readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_coordinator_that_trains_survives_any_bytes_on_its_port()
    {
        var wanted = Effort.Of("LSTMCLUSTER_FUZZ", 20_000);
        var seed = Effort.Seed("LSTM_CLUSTER_SEED");
        output.WriteLine($"LSTM_CLUSTER_SEED={seed}");
        await using var cluster = new TrainingCluster(_workspace, Workers, new OnLoopback());
        var conversations = await RecordAsync(cluster);
        cluster.StartCoordinator();
        cluster.StartWorker(1);
        await cluster.WaitForStepByAsync(Workers, 0);
        var coordinator = cluster.Coordinator;
        var attacker = new Attacker(cluster.EndPoint, RecordedFrame.Of(conversations[0].Dialler.Bytes), RecordedFrame.Of(conversations[1].Dialler.Bytes));

        // What it takes for so many connections once, it keeps.
        var (attacks, said) = await AttackAsync(attacker, seed, 0, wanted / 10);
        var (before, step, at) = (coordinator.ResidentBytes, coordinator.LastStep, WatchedProcess.Now);
        (attacks, said) = await AttackAsync(attacker, seed, attacks, wanted);
        var seconds = (WatchedProcess.Now - at).TotalSeconds;
        var after = coordinator.ResidentBytes;

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{said} wrong frames and greetings over {attacks} connections in {seconds:F0} s, {coordinator.LastStep - step} steps meanwhile; resident {before >> 20} MiB before, {after >> 20} MiB after"));
        coordinator.LastStep.ShouldBeGreaterThan(step);
        after.ShouldBeLessThan(before + MostGrowthBytes);
        await cluster.ShouldEndAsIfUndisturbedAsync($"LSTM_CLUSTER_SEED={seed}");
    }

    [Fact]
    public async Task Workers_survive_any_bytes_of_whoever_listens_in_their_coordinators_place()
    {
        // A worker that was not let in comes again a second later, so that this takes its time.
        var wanted = Math.Max(Effort.Of("LSTMCLUSTER_FUZZ", 20_000) / 20, 100);
        var seed = Effort.Seed("LSTM_CLUSTER_SEED");
        output.WriteLine($"LSTM_CLUSTER_SEED={seed}");
        await using var cluster = new TrainingCluster(_workspace, Victims, new OnLoopback()) { MinWorkers = Workers };
        var conversations = await RecordAsync(cluster);
        for (var worker = 1; worker < Victims; worker++) cluster.StartWorker(worker);
        await using (var liar = new FalseCoordinator(cluster.EndPoint, RecordedFrame.Of(conversations[0].Listener.Bytes), RecordedFrame.Of(conversations[1].Listener.Bytes), seed))
        {
            // What it takes for so many connections once, they keep.
            await liar.UntilAsync(wanted / 10);
            var before = cluster.Workers.Select(Resident).ToList();
            await liar.UntilAsync(wanted);
            var after = cluster.Workers.Select(Resident).ToList();
            output.WriteLine($"{liar.Said} wrong frames and greetings over {liar.Attacks} connections; resident {before.Max() >> 20} MiB before, {after.Max() >> 20} MiB after");
            foreach (var (now, then) in after.Zip(before)) now.ShouldBeLessThan(then + MostGrowthBytes);
        }

        // The real one is back, where the false one was, and finds every one of them.
        cluster.MinWorkers = null;
        await cluster.StartCoordinator().WaitForStepAsync(1);
        await cluster.ShouldEndAsIfUndisturbedAsync($"LSTM_CLUSTER_SEED={seed}");
    }

    static long Resident(WatchedProcess worker)
    {
        worker.IsRunning.ShouldBeTrue(worker.Story);
        return worker.ResidentBytes;
    }

    /// <summary>What a worker and its coordinator say from the greeting to some steps later. Then the coordinator is gone, so that none of it is an answer to what is asked later.</summary>
    static async Task<IReadOnlyList<Conversation>> RecordAsync(TrainingCluster cluster)
    {
        await cluster.StartCoordinator().WaitForEventAsync("listening");
        cluster.StartWorker(0);
        await using var proxy = new RecordingProxy(cluster.EndPoint);
        await using (cluster.StartWorkerAt(proxy.Address))
        {
            var joined = await cluster.WaitForStepByAsync(Workers, 0);
            await cluster.Coordinator.WaitForStepAsync(joined.Json!.Value.Whole("step") + 20);
        }

        cluster.Coordinator.Send(Signal.Kill);
        await cluster.Coordinator.ExitAsync();
        return proxy.Conversations;
    }

    static async Task<(int Attacks, int Said)> AttackAsync(Attacker attacker, int seed, int attacks, int wanted)
    {
        var said = 0;
        await Task.WhenAll(Enumerable.Range(0, AtATime).Select(async _ =>
        {
            while (Volatile.Read(ref said) < wanted) Interlocked.Add(ref said, await attacker.AttackAsync(seed + Interlocked.Increment(ref attacks)));
        }));
        return (attacks, said);
    }
}
