using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Protocol;

/// <summary>Worker to parameter server: the summed gradient of one node of the reduction tree.</summary>
/// <param name="Worker">Who computed it; the last one where a process has summed what several of its workers computed.</param>
/// <param name="Step">The step.</param>
/// <param name="Attempt">Number of the assignment it comes from; the highest one of several.</param>
/// <param name="Node">The shards summed.</param>
/// <param name="Slice">Which part of the gradient vector: one of the <see cref="ParameterBuckets"/>, or several.</param>
/// <param name="Gradient">That part, the sum over target tokens.</param>
public sealed record PushGradient(ActorRef Worker, Step Step, int Attempt, ShardRange Node, ParameterRange Slice, GradientPart Gradient) : ClusterMessage
{
    /// <inheritdoc/>
    public override void Release() => Gradient.Release();
}

/// <summary>Parameter server to coordinator: every shard's gradient is in the sum.</summary>
/// <param name="Step">The step.</param>
/// <param name="Slice">The server's part of the parameter vector.</param>
/// <param name="BlockSquares">Sum of squares of the summed gradient, not yet averaged, of each <see cref="GradientNorm"/> block of the slice.</param>
public sealed record GradientSummed(Step Step, ParameterRange Slice, Payload<double> BlockSquares) : ClusterMessage
{
    /// <inheritdoc/>
    public override void Release() => BlockSquares.Release();
}

/// <summary>Coordinator to parameter server: what is missing in the sum of this step?</summary>
/// <remarks>The answer is <see cref="GradientMissing"/>, <see cref="GradientSummed"/> where nothing is, or <see cref="StepApplied"/> where the step is over.</remarks>
/// <param name="Step">The step.</param>
public sealed record ReportSum(Step Step) : ClusterMessage;

/// <summary>Parameter server to coordinator: the sum waits for these.</summary>
/// <param name="Step">The step.</param>
/// <param name="Slice">The server's part of the parameter vector.</param>
/// <param name="Shards">Shards of which some part is missing, ascending.</param>
public sealed record GradientMissing(Step Step, ParameterRange Slice, IReadOnlyList<int> Shards) : ClusterMessage;

/// <summary>Parameter server to coordinator: a gradient was not taken into the sum.</summary>
/// <param name="Step">The step.</param>
/// <param name="Attempt">Number of the assignment it came from.</param>
/// <param name="Node">The shards it was of.</param>
/// <param name="Worker">Who sent it.</param>
/// <param name="Reason">Why.</param>
public sealed record GradientRejected(Step Step, int Attempt, ShardRange Node, ActorRef Worker, string Reason) : ClusterMessage;

/// <summary>Coordinator to parameter server: make the next weights from the summed gradient.</summary>
/// <param name="Step">The step.</param>
/// <param name="GradientScale">What the sum is multiplied by: averaging, and clipping by norm.</param>
/// <param name="ValueLimit">Limit of each element's magnitude after scaling; null for none.</param>
/// <param name="Rate">Learning rate of this step.</param>
public sealed record ApplyStep(Step Step, double GradientScale, double? ValueLimit, double Rate) : ClusterMessage;

/// <summary>Parameter server to coordinator: the step's weights are made and published.</summary>
/// <param name="Step">The step.</param>
/// <param name="Slice">The server's part of the parameter vector.</param>
/// <param name="BlockSquares">Sum of squares of the gradient as it was applied, after averaging and clipping, of each block of the slice.</param>
public sealed record StepApplied(Step Step, ParameterRange Slice, Payload<double> BlockSquares) : ClusterMessage
{
    /// <inheritdoc/>
    public override void Release() => BlockSquares.Release();
}

/// <summary>Coordinator to parameter server: send this worker the weights, now and whenever they change.</summary>
/// <param name="Worker">The worker.</param>
public sealed record Subscribe(ActorRef Worker) : ClusterMessage;

/// <summary>Coordinator to parameter server: this worker is gone.</summary>
/// <param name="Worker">The worker.</param>
public sealed record Unsubscribe(ActorRef Worker) : ClusterMessage;

/// <summary>Who takes weights to parameter server: these have not come yet.</summary>
/// <param name="Receiver">Who takes weights.</param>
/// <param name="Version">The version that is waited for; what the server has is sent when it is that one or a later one.</param>
public sealed record AskForWeights(ActorRef Receiver, WeightVersion Version) : ClusterMessage;

/// <summary>Parameter server to workers: new weights.</summary>
/// <param name="Version">Their version.</param>
/// <param name="Slice">Which part of the parameter vector.</param>
/// <param name="Weights">That part, read-only from now on.</param>
public sealed record WeightsPublished(WeightVersion Version, ParameterRange Slice, Payload<float> Weights) : ClusterMessage
{
    /// <inheritdoc/>
    public override void Release() => Weights.Release();
}

/// <summary>To the coordinator: an actor does not take what is sent to it fast enough, so that its workers count as lost. Within a process it may be of nobody's reign.</summary>
/// <param name="Receiver">A worker, or who takes the weights for workers.</param>
/// <param name="Reason">What is full.</param>
public sealed record ReceiverOverrun(ActorRef Receiver, string Reason) : ClusterMessage;

/// <summary>Coordinator to parameter server: publish the moving average of the weights beside them, until the next step is applied.</summary>
/// <param name="Step">The last step applied.</param>
public sealed record PublishAverage(Step Step) : ClusterMessage;

/// <summary>Coordinator to parameter server: hand over what a checkpoint after this step holds.</summary>
/// <param name="Step">The last step applied.</param>
public sealed record TakeSnapshot(Step Step) : ClusterMessage;

/// <summary>Parameter server to coordinator: weights and optimizer state after a step.</summary>
/// <param name="Step">The last step applied.</param>
/// <param name="Slice">The server's part of the parameter vector.</param>
/// <param name="Weights">That part of the weights, shared.</param>
/// <param name="OptimizerState">Copies of that part of the optimizer's vectors.</param>
public sealed record SnapshotTaken(Step Step, ParameterRange Slice, Payload<float> Weights, IReadOnlyList<Payload<float>> OptimizerState) : ClusterMessage
{
    /// <inheritdoc/>
    public override void Release()
    {
        Weights.Release();
        foreach (var vector in OptimizerState) vector.Release();
    }
}
