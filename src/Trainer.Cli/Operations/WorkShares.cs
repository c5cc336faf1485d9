using LstmCluster.Training;

namespace LstmCluster.Cli.Operations;

/// <summary>Who computed and who waited for whom: in all, and as shares of the last steps' time.</summary>
sealed class WorkShares
{
    /// <summary>What a step leaves of the sums over the steps before it: shares are of about the last fifty.</summary>
    const double Keep = 0.98;

    readonly Dictionary<string, Spent> _workers = [];

    /// <summary>Adds a step. Workers that are gone are forgotten.</summary>
    public void Add(StepWork work)
    {
        foreach (var gone in _workers.Keys.Except(work.Workers.Select(worker => worker.Worker)).ToList()) _workers.Remove(gone);
        foreach (var worker in work.Workers)
        {
            if (!_workers.TryGetValue(worker.Worker, out var spent)) _workers.Add(worker.Worker, spent = new Spent());
            spent.Add(worker);
        }
    }

    /// <summary>What is known of a worker, with what it is at now.</summary>
    public WorkerState Of(WorkerStatus now, string? device)
    {
        var spent = _workers.GetValueOrDefault(now.Name);
        var total = spent is null ? 0 : spent.Compute.Recent + spent.Waits.Values.Sum(wait => wait.Recent);
        if (spent is null || total <= 0) return new WorkerState(now.Name, device, now.Shards, now.Since.TotalSeconds, null, null, [], 0, 0);
        return new WorkerState(
            now.Name, device, now.Shards, now.Since.TotalSeconds, spent.Compute.Recent / total, 1 - (spent.Compute.Recent / total),
            [.. spent.Waits.OrderByDescending(wait => wait.Value.Recent).ThenBy(wait => wait.Key, StringComparer.Ordinal)
                .Select(wait => new WaitState(wait.Key, wait.Value.Recent / total, wait.Value.Total))],
            spent.Compute.Total, spent.Shards);
    }

    /// <summary>Seconds: all of them, and those of the last steps.</summary>
    readonly record struct Sum(double Total, double Recent)
    {
        public Sum Add(double seconds) => new(Total + seconds, (Keep * Recent) + seconds);
    }

    sealed class Spent
    {
        public Sum Compute { get; private set; }

        public Dictionary<string, Sum> Waits { get; } = [];

        public long Shards { get; private set; }

        public void Add(WorkerWork work)
        {
            Shards += work.Shards;
            Compute = Compute.Add(work.ComputeSeconds);
            foreach (var on in Waits.Keys) Waits[on] = Waits[on].Add(work.Waits.FirstOrDefault(wait => wait.On == on)?.Seconds ?? 0);
            foreach (var wait in work.Waits) Waits.TryAdd(wait.On, new Sum(wait.Seconds, wait.Seconds));
        }
    }
}
