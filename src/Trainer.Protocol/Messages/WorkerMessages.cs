using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Protocol;

/// <summary>What one shard computes in one round. It needs nothing else but the weights.</summary>
/// <remarks>It holds what the model takes: <see cref="Tokens"/> or <see cref="Features"/>, <see cref="Classes"/> or <see cref="Values"/>.</remarks>
/// <param name="Shard">Index of the shard.</param>
/// <param name="Shape">T and the shard's rows. All shards of a round have the same T.</param>
/// <param name="TargetSteps">Steps of the loss positions: T where every step is answered, 1 where the sequence is, U where the answer is a sequence. The same for all shards of a round.</param>
public sealed record ShardBatch(int Shard, BatchShape Shape, int TargetSteps)
{
    /// <summary>[T,rows] tokens; null for a model of features.</summary>
    public Payload<int>? Tokens { get; init; }

    /// <summary>[T,rows,C] characters of each token, negative behind its end; null for a model that reads none. All shards of a round have the same C.</summary>
    public Payload<int>? Characters { get; init; }

    /// <summary>[T,rows,D] features; null for a model of tokens.</summary>
    public Payload<float>? Features { get; init; }

    /// <summary>[rows] time steps of each row; null when all have T.</summary>
    public Payload<int>? Lengths { get; init; }

    /// <summary>[TargetSteps,rows] classes to be told, negative where none is; null where the targets are <see cref="Values"/>.</summary>
    public Payload<int>? Classes { get; init; }

    /// <summary>[TargetSteps,rows,outputs] values to be met; null where the targets are <see cref="Classes"/>.</summary>
    public Payload<float>? Values { get; init; }

    /// <summary>True when the rows go on in the shard's next round, so that the result has to bring their state.</summary>
    public bool CarriesState { get; init; }

    /// <summary>[rows,StateSize] carried state; null where every row starts from the model's initial state.</summary>
    public Payload<float>? State { get; init; }

    /// <summary>Gives back the payload references.</summary>
    public void Release()
    {
        Tokens?.Release();
        Characters?.Release();
        Features?.Release();
        Lengths?.Release();
        Classes?.Release();
        Values?.Release();
        State?.Release();
    }
}

/// <summary>Coordinator to worker: compute these shards as one batch.</summary>
/// <param name="Round">The round they belong to.</param>
/// <param name="Attempt">Number of the assignment within its round, from 1; a shard that is issued again comes with a higher one.</param>
/// <param name="Shards">The shards, ascending.</param>
public sealed record AssignShards(Round Round, int Attempt, IReadOnlyList<ShardBatch> Shards) : ClusterMessage
{
    /// <summary>The shards that this worker and the others of its process are given at the same time, ascending: what can be summed before it is sent. Empty where nobody else of the process is given any.</summary>
    public IReadOnlyList<int> HostShards { get; init; } = [];

    /// <inheritdoc/>
    public override void Release()
    {
        foreach (var shard in Shards) shard.Release();
    }
}

/// <summary>What one shard's computation gives, besides its gradient.</summary>
/// <param name="Shard">Index of the shard.</param>
/// <param name="Loss">Sum over the shard's targets.</param>
/// <param name="Tokens">Number of targets that count: classes, or values.</param>
/// <param name="State">[rows,StateSize] state after the round; null when the batch carries none.</param>
public sealed record ShardResult(int Shard, double Loss, int Tokens, Payload<float>? State)
{
    /// <summary>Of an evaluation the sums that the task's figures are made of, in the form that the task has; empty in training, and where all follows from the loss.</summary>
    public IReadOnlyList<double> Sums { get; init; } = [];
}

/// <summary>Worker to coordinator: an assignment is done; in training its gradients are on their way to the parameter server.</summary>
/// <param name="Worker">Who computed it.</param>
/// <param name="Round">The round.</param>
/// <param name="Attempt">Number of the assignment.</param>
/// <param name="Results">One for each shard of the assignment.</param>
/// <param name="ComputeTime">Time that the computation took.</param>
public sealed record ShardsDone(ActorRef Worker, Round Round, int Attempt, IReadOnlyList<ShardResult> Results, TimeSpan ComputeTime) : ClusterMessage
{
    /// <inheritdoc/>
    public override void Release()
    {
        foreach (var result in Results) result.State?.Release();
    }
}

/// <summary>Worker to coordinator: ready for work; repeated until it is welcomed, and said anew after a restart, when what it was working on is lost.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Device">Name of its device.</param>
/// <param name="WeightsTo">Who takes the weights for it, and for the other workers of its process; null when it takes them itself.</param>
public sealed record WorkerJoined(ActorRef Worker, string Device, ActorRef? WeightsTo = null) : ClusterMessage
{
    /// <summary>Drawn by each start of the worker: the same one again is a repetition, another one a restart.</summary>
    public long Life { get; init; }

    /// <summary>What decides the device's bits: workers of one type give the same, <see cref="IDevice.DeviceType"/>.</summary>
    public string DeviceType { get; init; } = Device;
}

/// <summary>Coordinator to worker: it is known.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Life">That of the <see cref="WorkerJoined"/> which it answers.</param>
public sealed record Welcome(ActorRef Worker, long Life) : ClusterMessage;
