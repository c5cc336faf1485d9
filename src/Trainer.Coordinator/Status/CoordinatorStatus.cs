using LstmCluster.Actors;

namespace LstmCluster.Training;

/// <summary>To the coordinator: how does the run stand?</summary>
/// <param name="Answer">Given the answer, on the coordinator's own time: it must only pass it on.</param>
public sealed record ReportStatus(Action<CoordinatorStatus> Answer) : Message;

/// <summary>How a run stands at one moment.</summary>
/// <param name="Phase">What the coordinator is at.</param>
/// <param name="Term">Number of the coordinator's reign; 0 where none was given.</param>
/// <param name="Step">The last step applied.</param>
/// <param name="Round">What is being computed, in words; null between two rounds.</param>
/// <param name="RoundTime">How long it has been; zero between two rounds.</param>
/// <param name="ShardsDone">Shards of the round that have a result.</param>
/// <param name="Shards">Shards of a round.</param>
/// <param name="Workers">The workers that are ready, in the order in which they joined.</param>
/// <param name="ParameterServers">Who sums gradients and keeps weights.</param>
/// <param name="WorkersAwaited">Workers that are still to join before the first round.</param>
public sealed record CoordinatorStatus(
    RunPhase Phase, long Term, long Step, string? Round, TimeSpan RoundTime, int ShardsDone, int Shards,
    IReadOnlyList<WorkerStatus> Workers, IReadOnlyList<string> ParameterServers, int WorkersAwaited);

/// <summary>What a worker is at.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shards">Shards that it computes now; none while it waits.</param>
/// <param name="Since">How long it has been computing the oldest of them; zero while it waits.</param>
public sealed record WorkerStatus(string Name, IReadOnlyList<int> Shards, TimeSpan Since);

/// <summary>What a coordinator is at.</summary>
public enum RunPhase
{
    /// <summary>Not enough workers have joined, or every one is lost.</summary>
    WaitingForWorkers,

    /// <summary>Workers compute, or the parameter servers make the step's weights.</summary>
    Training,

    /// <summary>Nothing is begun any more.</summary>
    Ending,
}
