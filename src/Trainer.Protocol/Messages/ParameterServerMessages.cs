using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Protocol;

/// <summary>Worker to parameter server: the summed gradient of one node of the reduction tree.</summary>
/// <param name="Worker">Who computed it.</param>
/// <param name="Step">The step.</param>
/// <param name="Attempt">Number of the assignment it comes from.</param>
/// <param name="Node">The shards summed.</param>
/// <param name="Gradient">A whole gradient vector, the sum over target tokens.</param>
public sealed record PushGradient(ActorRef Worker, Step Step, int Attempt, ShardRange Node, Payload<float> Gradient) : Message
{
    /// <inheritdoc/>
    public override void Release() => Gradient.Release();
}

/// <summary>Parameter server to coordinator: every shard's gradient is in the sum.</summary>
/// <param name="Step">The step.</param>
/// <param name="SumSquares">Sum of squares of the summed gradient, not yet averaged.</param>
public sealed record GradientSummed(Step Step, double SumSquares) : Message;

/// <summary>Parameter server to coordinator: a gradient was not taken into the sum.</summary>
/// <param name="Step">The step.</param>
/// <param name="Attempt">Number of the assignment it came from.</param>
/// <param name="Node">The shards it was of.</param>
/// <param name="Worker">Who sent it.</param>
/// <param name="Reason">Why.</param>
public sealed record GradientRejected(Step Step, int Attempt, ShardRange Node, ActorRef Worker, string Reason) : Message;

/// <summary>Coordinator to parameter server: make the next weights from the summed gradient.</summary>
/// <param name="Step">The step.</param>
/// <param name="GradientScale">What the sum is multiplied by: averaging, and clipping by norm.</param>
/// <param name="ValueLimit">Limit of each element's magnitude after scaling; null for none.</param>
/// <param name="Rate">Learning rate of this step.</param>
public sealed record ApplyStep(Step Step, double GradientScale, double? ValueLimit, double Rate) : Message;

/// <summary>Parameter server to coordinator: the step's weights are made and published.</summary>
/// <param name="Step">The step.</param>
/// <param name="AppliedNorm">L2 norm of the gradient as it was applied, after averaging and clipping.</param>
public sealed record StepApplied(Step Step, double AppliedNorm) : Message;

/// <summary>Coordinator to parameter server: send this worker the weights, now and whenever they change.</summary>
/// <param name="Worker">The worker.</param>
public sealed record Subscribe(ActorRef Worker) : Message;

/// <summary>Coordinator to parameter server: this worker is gone.</summary>
/// <param name="Worker">The worker.</param>
public sealed record Unsubscribe(ActorRef Worker) : Message;

/// <summary>Parameter server to workers: new weights.</summary>
/// <param name="Version">Their version.</param>
/// <param name="Weights">The parameter vector, read-only from now on.</param>
public sealed record WeightsPublished(WeightVersion Version, Payload<float> Weights) : Message
{
    /// <inheritdoc/>
    public override void Release() => Weights.Release();
}

/// <summary>Coordinator to parameter server: publish the moving average of the weights beside them, until the next step is applied.</summary>
/// <param name="Step">The last step applied.</param>
public sealed record PublishAverage(Step Step) : Message;

/// <summary>Coordinator to parameter server: hand over what a checkpoint after this step holds.</summary>
/// <param name="Step">The last step applied.</param>
public sealed record TakeSnapshot(Step Step) : Message;

/// <summary>Parameter server to coordinator: weights and optimizer state after a step.</summary>
/// <param name="Step">The last step applied.</param>
/// <param name="Weights">The parameter vector, shared.</param>
/// <param name="OptimizerState">Copies of the optimizer's vectors.</param>
public sealed record SnapshotTaken(Step Step, Payload<float> Weights, IReadOnlyList<Payload<float>> OptimizerState) : Message
{
    /// <inheritdoc/>
    public override void Release()
    {
        Weights.Release();
        foreach (var vector in OptimizerState) vector.Release();
    }
}
