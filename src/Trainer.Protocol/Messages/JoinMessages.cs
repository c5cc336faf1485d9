using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Protocol;

/// <summary>What a process is there for.</summary>
public enum HostRole
{
    /// <summary>Its workers compute shards.</summary>
    Worker,

    /// <summary>It keeps a part of the parameters.</summary>
    ParameterServer,
}

/// <summary>Another process to coordinator: what is there to do? Repeated until it is answered.</summary>
/// <param name="Host">Who starts the actors of that process, and is told when the run has ended.</param>
/// <param name="Role">What the process offers.</param>
public sealed record AskForJob(ActorRef Host, HostRole Role = HostRole.Worker) : ClusterMessage
{
    /// <summary>Where other processes reach this one, <c>host:port</c>; null where it does not listen.</summary>
    public string? Endpoint { get; init; }
}

/// <summary>Who keeps a part of the parameters.</summary>
/// <param name="Server">The parameter server.</param>
/// <param name="Slice">Its part of the parameter vector.</param>
/// <param name="Endpoint">Where its process is reached, <c>host:port</c>; null when it is the coordinator's.</param>
public sealed record ParameterServerAddress(ActorRef Server, ParameterRange Slice, string? Endpoint = null);

/// <summary>Coordinator to another process: all that its workers need besides weights and batches.</summary>
/// <param name="ParameterServers">Who sums gradients, by slice, ascending.</param>
/// <param name="Job">A <see cref="JobPackage"/>.</param>
public sealed record JobOffered(IReadOnlyList<ParameterServerAddress> ParameterServers, Payload<byte> Job) : ClusterMessage
{
    /// <inheritdoc/>
    public override void Release() => Job.Release();
}

/// <summary>Coordinator to another process: keep this part of the parameters.</summary>
/// <param name="Slice">The part.</param>
/// <param name="Step">The last step applied to it.</param>
/// <param name="Job">A <see cref="JobPackage"/>.</param>
/// <param name="Weights">That part of the weights.</param>
/// <param name="OptimizerState">That part of the optimizer's vectors.</param>
public sealed record ServeParameters(
    ParameterRange Slice, Step Step, Payload<byte> Job, Payload<float> Weights, IReadOnlyList<Payload<float>> OptimizerState) : ClusterMessage
{
    /// <inheritdoc/>
    public override void Release()
    {
        Job.Release();
        Weights.Release();
        foreach (var vector in OptimizerState) vector.Release();
    }
}

/// <summary>Another process to coordinator: the part of the parameters is kept. Repeated whenever it is asked again.</summary>
/// <param name="Host">Who was asked.</param>
/// <param name="Server">Who keeps it.</param>
/// <param name="Slice">The part.</param>
public sealed record ParametersServed(ActorRef Host, ActorRef Server, ParameterRange Slice) : ClusterMessage;

/// <summary>Coordinator to another process: there is nothing left to do.</summary>
/// <param name="How">How the run ended, in words.</param>
/// <param name="Failed">True when it could not go on.</param>
public sealed record RunEnded(string How, bool Failed = false) : ClusterMessage;
