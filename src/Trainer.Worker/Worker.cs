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
    // More than one when shards of a lost worker are added to its own.
    readonly Queue<AssignShards> _waiting = [];
    WeightLease? _lease;

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
                break;
            case AssignShards assignment:
                _waiting.Enqueue(assignment);
                break;
            default:
                return context.Unhandled(message);
        }

        ComputeWhatIsReady(context);
        return ValueTask.CompletedTask;
    }

    /// <summary>Gives back weights and memory.</summary>
    public void Dispose()
    {
        foreach (var assignment in _waiting) assignment.Release();
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

    void ComputeWhatIsReady(IActorContext context)
    {
        while (_lease is not null && _waiting.TryPeek(out var assignment) && assignment.Round.Weights.Value <= _lease.Version.Value)
        {
            _waiting.Dequeue();
            try
            {
                if (_lease.Version == assignment.Round.Weights) Compute(assignment, _lease, context);
            }
            finally
            {
                assignment.Release();
            }
        }
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
