namespace Cluster.Tests;

/// <summary>Draws who is killed or stopped, when and for how long; leaves everybody running.</summary>
/// <remarks>What is drawn follows from the seed; what it meets does not, since processes run as they like.</remarks>
/// <param name="cluster">The processes.</param>
/// <param name="workers">Number of workers.</param>
/// <param name="random">Draws.</param>
sealed class Chaos(TrainingCluster cluster, int workers, Random random)
{
    // Numbers of victims: workers, then parameter servers, then whoever coordinates.
    readonly int _coordinator = workers + cluster.ServerCount;
    int _kills, _serverKills, _coordinatorKills, _stops, _deposed;

    /// <summary>Disturbs for some time.</summary>
    public async Task RunAsync(TimeSpan time)
    {
        var end = WatchedProcess.Now + time;
        var faults = new Dictionary<int, Task>();
        while (WatchedProcess.Now < end)
        {
            // Whoever coordinates is the victim twice as often as each worker, and one of them at a time.
            var victim = Math.Min(_coordinator, random.Next(_coordinator + 2));
            var fault = Draw(victim);
            if (faults.TryGetValue(victim, out var before)) await before;
            faults[victim] = fault();
            await Task.Delay(Between(0.2, 1.2));
        }

        await Task.WhenAll(faults.Values);
        (_kills + _serverKills + _coordinatorKills + _stops).ShouldBeGreaterThan(0);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{_kills} kills of workers, {_serverKills} of parameter servers, {_coordinatorKills} of the coordinator, {_stops} stops, {_deposed} coordinators deposed";

    /// <summary>All draws come from one thread, whenever the fault itself begins.</summary>
    Func<Task> Draw(int victim)
    {
        // Half of them die. Of those that fall silent, half do so for longer than what makes them count as lost.
        var kind = random.Next(4);
        var time = kind switch
        {
            0 or 1 => Between(0, 2),
            2 => Between(0.05, 1.6),
            _ => Between(2.3, 4),
        };
        var which = random.Next();
        return kind < 2 ? () => KillAsync(victim, which, time) : () => StopAsync(victim, which, time);
    }

    async Task KillAsync(int victim, int which, TimeSpan away)
    {
        var process = Process(victim, which);
        process.TrySend(Signal.Kill);
        await process.ExitAsync();
        await Task.Delay(away);
        if (victim == _coordinator)
        {
            _coordinatorKills++;
            cluster.StartCoordinator();
        }
        else if (victim >= workers)
        {
            _serverKills++;
            cluster.StartServer(victim - workers);
        }
        else
        {
            _kills++;
            cluster.StartWorker(victim);
        }
    }

    async Task StopAsync(int victim, int which, TimeSpan time)
    {
        _stops++;
        var process = Process(victim, which);
        process.TrySend(Signal.Stop);
        await Task.Delay(time);
        process.TrySend(Signal.Continue);
    }

    WatchedProcess Process(int victim, int which)
    {
        if (victim < workers) return Running(cluster.Workers[victim]);
        if (victim < _coordinator) return Running(cluster.Servers[victim - workers]);

        // One that found another elected when it woke has ended; whoever watches over it starts it again.
        foreach (var _ in cluster.Coordinators.Where(TrainingCluster.IsDeposed).ToList())
        {
            _deposed++;
            cluster.StartCoordinator();
        }

        return Running(cluster.Coordinators[which % cluster.Coordinators.Count]);
    }

    static WatchedProcess Running(WatchedProcess process)
    {
        process.IsRunning.ShouldBeTrue(process.Story);
        return process;
    }

    TimeSpan Between(double least, double most) => TimeSpan.FromSeconds(least + ((most - least) * random.NextDouble()));
}
