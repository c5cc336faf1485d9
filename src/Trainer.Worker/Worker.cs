using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Computes shards: holds one weight version, and answers an assignment with gradients and losses.</summary>
/// <remarks>An assignment for weights that have not arrived yet waits for them; one for weights that are gone is dropped, since others have done its work.</remarks>
/// <param name="compute">The worker's device and what runs on it.</param>
/// <param name="weights">Weight versions prepared for the device, shared with the other workers of its kind.</param>
/// <param name="run">Who assigns, and who sums.</param>
/// <param name="weightsTo">Who takes the weights for it and passes them on; null when it takes them itself.</param>
public sealed class Worker(
    ShardComputer compute, WeightCache weights, RunContact run, ActorRef? weightsTo = null) : IActor, IDisposable
{
    // More than one when shards of a lost worker are added to its own.
    readonly Queue<AssignShards> _waiting = [];
    WeightLease? _lease;

    // The moving average of the weights, from the validation that asks for it to the next step's weights.
    WeightLease? _average;

    /// <inheritdoc/>
    public ValueTask StartedAsync(IActorContext context)
    {
        context.Send(run.Coordinator, new WorkerJoined(context.Self, compute.DeviceName, weightsTo) { Term = run.Term });
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
        _average?.Dispose();
        compute.Dispose();
    }

    void Adopt(WeightsPublished part)
    {
        if (weights.Assemble(part) is not { } published) return;
        ref var lease = ref published.Version.Averaged ? ref _average : ref _lease;
        if (lease is not null && published.Version.Value <= lease.Version.Value)
        {
            published.Release();
            return;
        }

        // The old version goes back first, so that its memory can hold the new one.
        lease?.Dispose();
        lease = null;
        if (_average is not null && _average.Version.Value < published.Version.Value)
        {
            _average.Dispose();
            _average = null;
        }

        lease = weights.Acquire(published);
    }

    void ComputeWhatIsReady(IActorContext context)
    {
        while (_waiting.TryPeek(out var assignment))
        {
            var wanted = assignment.Round.Weights;
            var lease = wanted.Averaged ? _average : _lease;
            var gone = wanted.Value < Math.Max(_lease?.Version.Value ?? -1, lease?.Version.Value ?? -1);
            if (!gone && lease?.Version != wanted) return;
            _waiting.Dequeue();
            try
            {
                if (!gone) Compute(assignment, lease!, context);
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
            compute.Backward(lease.Weights, [new ParameterRange(0, compute.GradientLength)], piece => context.Send(
                run.ParameterServers[0].Server,
                new PushGradient(context.Self, assignment.Round.Step, assignment.Attempt, piece.Node, piece.Slice, piece.Gradient) { Term = run.Term }));
        }

        context.Send(run.Coordinator, new ShardsDone(context.Self, assignment.Round, assignment.Attempt, results, context.Elapsed - start) { Term = run.Term });
    }
}
