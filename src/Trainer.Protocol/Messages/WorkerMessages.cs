using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Protocol;

/// <summary>What one shard computes in one round. It needs nothing else but the weights.</summary>
/// <param name="Shard">Index of the shard.</param>
/// <param name="Shape">T and the shard's rows.</param>
/// <param name="Inputs">[T,rows] tokens.</param>
/// <param name="Targets">[T,rows] tokens to predict.</param>
/// <param name="State">[rows,StateSize] carried state; null at the start of a pass.</param>
public sealed record ShardBatch(int Shard, BatchShape Shape, Payload<int> Inputs, Payload<int> Targets, Payload<float>? State)
{
    /// <summary>Gives back the payload references.</summary>
    public void Release()
    {
        Inputs.Release();
        Targets.Release();
        State?.Release();
    }
}

/// <summary>Coordinator to worker: compute these shards as one batch.</summary>
/// <param name="Round">The round they belong to.</param>
/// <param name="Attempt">Number of the assignment within its round, from 1; a shard that is issued again comes with a higher one.</param>
/// <param name="Shards">The shards, ascending.</param>
public sealed record AssignShards(Round Round, int Attempt, IReadOnlyList<ShardBatch> Shards) : Message
{
    /// <inheritdoc/>
    public override void Release()
    {
        foreach (var shard in Shards) shard.Release();
    }
}

/// <summary>What one shard's computation gives, besides its gradient.</summary>
/// <param name="Shard">Index of the shard.</param>
/// <param name="Loss">Sum over the shard's target tokens, nats.</param>
/// <param name="Tokens">Number of target tokens.</param>
/// <param name="State">[rows,StateSize] carried state after the round.</param>
public sealed record ShardResult(int Shard, double Loss, int Tokens, Payload<float> State);

/// <summary>Worker to coordinator: an assignment is done; in training its gradients are on their way to the parameter server.</summary>
/// <param name="Worker">Who computed it.</param>
/// <param name="Round">The round.</param>
/// <param name="Attempt">Number of the assignment.</param>
/// <param name="Results">One for each shard of the assignment.</param>
/// <param name="ComputeTime">Time that the computation took.</param>
public sealed record ShardsDone(ActorRef Worker, Round Round, int Attempt, IReadOnlyList<ShardResult> Results, TimeSpan ComputeTime) : Message
{
    /// <inheritdoc/>
    public override void Release()
    {
        foreach (var result in Results) result.State.Release();
    }
}

/// <summary>Worker to coordinator: ready for work; sent again after a restart, when what it was working on is lost.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Device">Name of its device.</param>
public sealed record WorkerJoined(ActorRef Worker, string Device) : Message;
