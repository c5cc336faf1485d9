using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>All that the coordinator must know of a job, apart from data and model.</summary>
/// <param name="Run">The run directory, as it is shown.</param>
/// <param name="Steps">Steps of the job.</param>
/// <param name="Shards">Shards of a step.</param>
/// <param name="Rate">Base learning rate.</param>
/// <param name="Schedule">Factor of it over the steps.</param>
/// <param name="Clip">Clipping, once, after averaging.</param>
/// <param name="CheckpointInterval">Time or steps between checkpoints.</param>
/// <param name="ValidateEvery">Steps between validations; 0 for only at the end.</param>
/// <param name="LossLimit">Mean loss of a target above which training counts as diverged.</param>
/// <param name="ShardTimeout">Longest wait for a shard.</param>
/// <param name="Averaged">True to validate the moving average of the weights.</param>
/// <param name="HasClasses">True when targets are classes, so that a loss is in nats.</param>
public sealed record TrainingPlan(
    string Run, long Steps, int Shards, double Rate, Schedule Schedule, ClipOptions Clip, CheckpointInterval CheckpointInterval,
    long ValidateEvery, double LossLimit, TimeSpan ShardTimeout, bool Averaged = false, bool HasClasses = true)
{
    /// <summary>What validations are judged by besides the loss; null for nothing.</summary>
    public ValidationScoring? Scoring { get; init; }

    /// <summary>True when the weights of the best validation are kept, and become the result.</summary>
    public bool KeepsBest { get; init; }

    /// <summary>Validations in a row without a better one after which the run ends; 0 for never.</summary>
    public int Patience { get; init; }

    /// <summary>Workers that must have joined before the first round begins.</summary>
    public int MinWorkers { get; init; } = 1;

    /// <summary>True when workers of other processes may join, so that a run without any waits for them, for ever if need be: a person, or what places processes, starts them.</summary>
    public bool TakesRemoteWorkers { get; init; }

    /// <summary>The coordinator's reign.</summary>
    public Term Term { get; init; }

    /// <summary>Parameter servers in the coordinator's process.</summary>
    public int ParameterServers { get; init; } = 1;

    /// <summary>Parameter servers in processes of their own, which the run waits for before its first round.</summary>
    public int ParameterServerProcesses { get; init; }

    /// <summary>What each parameter server keeps; null to cut the parameter vector evenly (<see cref="ParameterBuckets.Split"/>).</summary>
    public IReadOnlyList<ParameterRange>? Slices { get; init; }

    /// <summary>The types of device that the run was computed on before, as its checkpoint has them; empty at its beginning.</summary>
    public string Devices { get; init; } = "";

    /// <summary>How long the coordinator waits for whom.</summary>
    public WaitLimits Waits { get; init; } = new();
}
