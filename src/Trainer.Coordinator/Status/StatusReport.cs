using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The coordinator's part that says how the run stands, to whoever asks.</summary>
static class StatusReport
{
    /// <summary>A picture of this moment.</summary>
    /// <param name="phase">What the coordinator is at.</param>
    /// <param name="applied">The last step applied.</param>
    /// <param name="progress">The round in work; null between two rounds.</param>
    /// <param name="plan">What is to be done.</param>
    /// <param name="roster">The workers that are ready.</param>
    /// <param name="awaited">Workers of this process that have not joined yet.</param>
    /// <param name="parameterServers">Who keeps the weights.</param>
    /// <param name="now">The runtime's clock.</param>
    public static CoordinatorStatus Of(
        RunPhase phase, Step applied, RoundProgress? progress, TrainingPlan plan, Roster roster, int awaited, IEnumerable<ActorRef> parameterServers, TimeSpan now)
    {
        var computing = progress?.Computing.ToLookup(shard => shard.Worker) ?? Enumerable.Empty<(int Shard, ActorRef Worker, TimeSpan Since)>().ToLookup(shard => shard.Worker);
        return new CoordinatorStatus(
            phase, plan.Term.Value, applied.Value, progress?.Round.ToString(), progress is null ? TimeSpan.Zero : now - progress.Started, progress?.Results.Count() ?? 0, plan.Shards,
            [.. roster.Workers.Select(worker => Of(worker, [.. computing[worker]], now))],
            [.. parameterServers.Select(server => server.Name)],
            phase == RunPhase.WaitingForWorkers ? Math.Max(awaited, plan.MinWorkers - roster.Count) : 0);
    }

    static WorkerStatus Of(ActorRef worker, List<(int Shard, ActorRef Worker, TimeSpan Since)> shards, TimeSpan now) =>
        new(worker.Name, [.. shards.Select(shard => shard.Shard)], shards.Count == 0 ? TimeSpan.Zero : now - shards.Min(shard => shard.Since));
}
