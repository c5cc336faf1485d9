using LstmCluster.Actors;

namespace LstmCluster.Protocol;

/// <summary>Coordinator to checkpointer: write this as one transaction.</summary>
/// <param name="Step">The last step applied.</param>
/// <param name="Position">Where the data stood after it.</param>
/// <param name="Parts">Weights and optimizer state, by slice of the parameter vector, ascending.</param>
/// <param name="CarriedState">[rows,StateSize] of each shard, or null where none is carried.</param>
public sealed record WriteCheckpoint(
    Step Step, DataPosition Position, IReadOnlyList<SnapshotTaken> Parts, IReadOnlyList<Payload<float>?> CarriedState) : Message
{
    /// <summary>The types of device that have computed for the run so far, for people.</summary>
    public string Devices { get; init; } = "";

    /// <summary>What validations have shown so far; null where nothing depends on it.</summary>
    public ValidationHistory? Validations { get; init; }

    /// <summary>After which step the weights were the best so far, whose checkpoint is to stay: this one, or one that was to be written before; null where they are not kept.</summary>
    public Step? Best { get; init; }

    /// <inheritdoc/>
    public override void Release()
    {
        foreach (var part in Parts) part.Release();
        foreach (var state in CarriedState) state?.Release();
    }
}

/// <summary>Checkpointer to coordinator: the checkpoint is complete on disk.</summary>
/// <param name="Step">Its step.</param>
/// <param name="Path">Its directory.</param>
/// <param name="Elapsed">Time that writing took.</param>
public sealed record CheckpointDone(Step Step, string Path, TimeSpan Elapsed) : Message
{
    /// <summary>Why older checkpoints that should be gone are still there; null when they are gone.</summary>
    public string? Leftover { get; init; }
}

/// <summary>Checkpointer to coordinator: the checkpoint could not be written; older ones are as they were.</summary>
/// <param name="Step">Its step.</param>
/// <param name="Reason">Why.</param>
public sealed record CheckpointFailed(Step Step, string Reason) : Message;

/// <summary>Coordinator to checkpointer: the run is over; the weights of its last checkpoint are the result, or the best ones.</summary>
/// <param name="Step">The last step, whose checkpoint was written.</param>
/// <param name="Best">The step whose weights are the result in place of the last ones; null for those.</param>
public sealed record WriteResult(Step Step, Step? Best = null) : Message;

/// <summary>Checkpointer to coordinator: the result is on disk.</summary>
/// <param name="WeightsSha256">SHA-256 of the data section of weights.safetensors, in hexadecimal.</param>
/// <param name="Failure">Why it could not be written; null when it was.</param>
public sealed record ResultWritten(string? WeightsSha256, string? Failure) : Message;
