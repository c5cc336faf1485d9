namespace Cluster.Tests;

/// <summary>Draws who is killed or stopped, when and for how long; leaves everybody running.</summary>
/// <remarks>What is drawn follows from the seed; what it meets does not, since processes run as they like.</remarks>
/// <param name="cluster">The processes.</param>
/// <param name="workers">Number of workers.</param>
/// <param name="random">Draws.</param>
sealed class Chaos(TrainingCluster cluster, int workers, Random random)
{
    int _kills, _coordinatorKills, _stops;

    /// <summary>Disturbs for some time.</summary>
    public async Task RunAsync(TimeSpan time)
    {
        var end = WatchedProcess.Now + time;
        var faults = new Dictionary<int, Task>();
        while (WatchedProcess.Now < end)
        {
            // The coordinator is the last of them, and as often the victim as all workers together.
            var victim = Math.Min(workers, random.Next(2 * workers));
            var fault = Draw(victim);
            if (faults.TryGetValue(victim, out var before)) await before;
            faults[victim] = fault();
            await Task.Delay(Between(0.1, 0.8));
        }

        await Task.WhenAll(faults.Values);
        (_kills + _stops).ShouldBeGreaterThan(0);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{_kills} kills of workers, {_coordinatorKills} of the coordinator, {_stops} stops";

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
        return kind < 2 ? () => KillAsync(victim, time) : () => StopAsync(victim, time);
    }

    async Task KillAsync(int victim, TimeSpan away)
    {
        var process = Process(victim);
        process.Send(Signal.Kill);
        await process.ExitAsync();
        await Task.Delay(away);
        if (victim == workers)
        {
            _coordinatorKills++;
            cluster.StartCoordinator();
        }
        else
        {
            _kills++;
            cluster.StartWorker(victim);
        }
    }

    async Task StopAsync(int victim, TimeSpan time)
    {
        _stops++;
        Process(victim).Send(Signal.Stop);
        await Task.Delay(time);
        Process(victim).Send(Signal.Continue);
    }

    WatchedProcess Process(int victim)
    {
        var process = victim == workers ? cluster.Coordinator : cluster.Workers[victim];
        process.IsRunning.ShouldBeTrue(process.Story);
        return process;
    }

    TimeSpan Between(double least, double most) => TimeSpan.FromSeconds(least + ((most - least) * random.NextDouble()));
}
