namespace LstmCluster.Training;

/// <summary>How the time of one training step was spent, by worker.</summary>
/// <param name="Step">The step.</param>
/// <param name="Seconds">From the first assignment of its shards to the weights that it made.</param>
/// <param name="Workers">The workers that were ready at its end.</param>
public sealed record StepWork(long Step, double Seconds, IReadOnlyList<WorkerWork> Workers);

/// <summary>How one worker spent a step.</summary>
/// <param name="Worker">Its name.</param>
/// <param name="Shards">Shards that it computed.</param>
/// <param name="ComputeSeconds">Time that it computed.</param>
/// <param name="Waits">What it waited for the rest of the time; waits of no length are left out.</param>
public sealed record WorkerWork(string Worker, int Shards, double ComputeSeconds, IReadOnlyList<WorkerWait> Waits);

/// <summary>A wait of a worker.</summary>
/// <param name="On">Name of the actor that it waited for, or <see cref="NoShards"/>.</param>
/// <param name="Seconds">How long.</param>
public sealed record WorkerWait(string On, double Seconds)
{
    /// <summary>The step had no shard for it.</summary>
    public const string NoShards = "no shards";

    /// <summary>The parameter servers: for the weights before it can begin, for the sum and the update after all have answered. Ways of messages are part of it.</summary>
    public const string ParameterServer = "parameter-server";
}

/// <summary>Hears how the time of each step was spent; an <see cref="ITrainingObserver"/> that is this too is told.</summary>
public interface IWorkObserver
{
    /// <summary>A step was done. Called for one step at a time, in order, before the event that tells of it.</summary>
    void On(StepWork work);
}
