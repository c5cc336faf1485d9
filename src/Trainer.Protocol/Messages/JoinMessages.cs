using LstmCluster.Actors;

namespace LstmCluster.Protocol;

/// <summary>Another process to coordinator: what is there to compute?</summary>
/// <param name="Host">Who starts the workers of that process, and is told when the run has ended.</param>
public sealed record AskForJob(ActorRef Host) : Message;

/// <summary>Coordinator to another process: all that its workers need besides weights and batches.</summary>
/// <param name="ParameterServer">Who sums gradients.</param>
/// <param name="Job">A <see cref="JobPackage"/>.</param>
public sealed record JobOffered(ActorRef ParameterServer, Payload<byte> Job) : Message
{
    /// <inheritdoc/>
    public override void Release() => Job.Release();
}

/// <summary>Coordinator to another process: there is nothing left to compute.</summary>
/// <param name="How">How the run ended, in words.</param>
public sealed record RunEnded(string How) : Message;
