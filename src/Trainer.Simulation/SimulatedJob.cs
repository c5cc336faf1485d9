using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>A job with its data and its model, as every simulation of it uses them. Immutable, so that simulations on several threads share one.</summary>
public sealed class SimulatedJob
{
    readonly byte[] _package;

    /// <param name="job">The job.</param>
    /// <param name="data">Its data.</param>
    public SimulatedJob(Job job, JobData data)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(data);
        (Job, Data, Model) = (job, data, ModelMapping.Of(job, data.Encoding));
        Rule = UpdateMapping.Of(job.Training, Model.Parameters);
        _package = new JobPackage(job, data.Encoding.ToMetadata()).ToBytes();
    }

    /// <summary>The job.</summary>
    public Job Job { get; }

    /// <summary>Its data.</summary>
    public JobData Data { get; }

    /// <summary>Its model.</summary>
    public Model Model { get; }

    /// <summary>How its weights are updated.</summary>
    public UpdateRule Rule { get; }

    /// <summary>The <see cref="JobPackage"/> that other processes get.</summary>
    public byte[] Package => _package;

    /// <summary>What its checkpoints hold.</summary>
    public CheckpointContent Content => new(Model.Parameters, Rule.StateNames, Job.Training.Shards, Model.StateSize);
}
