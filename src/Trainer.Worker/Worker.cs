using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Computes shards: holds one weight version, and answers an assignment with gradients and losses.</summary>
/// <remarks>An assignment for weights that have not arrived yet waits for them; one for weights that are gone is dropped, since others have done its work.</remarks>
/// <param name="compute">The worker's device and what runs on it.</param>
/// <param name="weights">Weight versions prepared for the device, shared with the other workers of its kind.</param>
/// <param name="coordinator">Who assigns.</param>
/// <param name="parameterServer">Who sums.</param>
public sealed class Worker(ShardComputer compute, WeightCache weights, ActorRef coordinator, ActorRef parameterServer) : IActor, IDisposable
{
    WeightLease? _lease;
    AssignShards? _waiting;

    /// <inheritdoc/>
    public ValueTask StartedAsync(IActorContext context)
    {
        context.Send(coordinator, new WorkerJoined(context.Self, compute.DeviceName));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        switch (message)
        {
            case WeightsPublished published:
                Adopt(published);
                return TryCompute(context);
            case AssignShards assignment:
                _waiting?.Release();
                _waiting = assignment;
                return TryCompute(context);
            default:
                return context.Unhandled(message);
        }
    }

    /// <summary>Gives back weights and memory.</summary>
    public void Dispose()
    {
        _waiting?.Release();
        _lease?.Dispose();
        compute.Dispose();
    }

    void Adopt(WeightsPublished published)
    {
        if (_lease is not null && published.Version.Value <= _lease.Version.Value)
        {
            published.Release();
            return;
        }

        // The old version goes back first, so that its memory can hold the new one.
        _lease?.Dispose();
        _lease = null;
        _lease = weights.Acquire(published);
    }

    ValueTask TryCompute(IActorContext context)
    {
        if (_waiting is null || _lease is null || _lease.Version.Value < _waiting.Round.Weights.Value) return ValueTask.CompletedTask;
        var assignment = _waiting;
        _waiting = null;
        try
        {
            if (_lease.Version == assignment.Round.Weights) Compute(assignment, _lease, context);
        }
        finally
        {
            assignment.Release();
        }

        return ValueTask.CompletedTask;
    }

    void Compute(AssignShards assignment, WeightLease lease, IActorContext context)
    {
        var start = context.Elapsed;
        var training = assignment.Round.Kind == WorkKind.Train;
        var results = compute.Forward(assignment, lease.Weights);
        if (training)
        {
            foreach (var (node, gradient) in compute.Backward(lease.Weights))
                context.Send(parameterServer, new PushGradient(context.Self, assignment.Round.Step, assignment.Attempt, node, gradient));
        }

        context.Send(coordinator, new ShardsDone(context.Self, assignment.Round, assignment.Attempt, results, context.Elapsed - start));
    }
}
