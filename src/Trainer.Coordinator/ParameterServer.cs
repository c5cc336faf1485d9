using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Owns the weights and the optimizer's state: sums gradients, makes the next weights, publishes them.</summary>
/// <param name="state">Weights and optimizer state to start from; disposed with the actor.</param>
/// <param name="tree">The reduction tree over the shards.</param>
/// <param name="coordinator">Who is told.</param>
/// <param name="precision">What partial sums are rounded to.</param>
public sealed class ParameterServer(
    ParameterState state, ShardTree tree, ActorRef coordinator, GradientPrecision precision = GradientPrecision.Fp32) : IActor, IDisposable
{
    readonly BlockNorm _norm = new(state.Device, state.Length);
    readonly GradientSum _sum = new(tree, state.Device, state.Length, precision);
    readonly ParameterRange _slice = new(0, state.Length);
    readonly List<ActorRef> _workers = [];

    // What workers that join now must get too; null when no average is published.
    Payload<float>? _average;

    /// <summary>The step whose gradients are being collected.</summary>
    Step Current => new(state.Version.Value + 1);

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        switch (message)
        {
            case PushGradient push: Collect(push, context); break;
            case ApplyStep apply: Apply(apply, context); break;
            case Subscribe subscribe: Add(subscribe.Worker, context); break;
            case AskForWeights asked: Add(asked.Receiver, context); break;
            case Unsubscribe unsubscribe: _workers.Remove(unsubscribe.Worker); break;
            case PublishAverage publish: Publish(publish, context); break;
            case TakeSnapshot snapshot: Send(snapshot, context); break;
            default: return context.Unhandled(message);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Gives back weights and gradients.</summary>
    public void Dispose()
    {
        _sum.Dispose();
        _average?.Release();
        state.Dispose();
    }

    void Collect(PushGradient push, IActorContext context)
    {
        // A slow worker's gradient of a step that is over, or a second answer after the sum was complete.
        if (push.Step != Current || _sum.IsComplete)
        {
            push.Release();
            return;
        }

        var rejection = _sum.Add(push.Node, state.Singles(push.Gradient));
        if (rejection is not null)
            context.Send(coordinator, new GradientRejected(push.Step, push.Attempt, push.Node, push.Worker, rejection));
        else if (_sum.IsComplete)
            Report(push.Step, context);
    }

    void Report(Step step, IActorContext context)
    {
        state.ClearFrozen(_sum.Total);
        context.Send(coordinator, new GradientSummed(step, _slice, state.BlockSquares(_sum.Total, _norm)));
    }

    void Apply(ApplyStep apply, IActorContext context)
    {
        if (apply.Step != Current) throw new InvalidOperationException($"{apply.Step} was to be applied to weights of {state.Version}");
        var squares = state.Update(apply, _sum.Total, _norm);
        _sum.Clear();
        _average?.Release();
        _average = null;
        foreach (var worker in _workers.ToList()) SendWeights(worker, state.Version, state.Weights, context);
        context.Send(coordinator, new StepApplied(apply.Step, _slice, squares));
    }

    void Add(ActorRef worker, IActorContext context)
    {
        if (!_workers.Contains(worker)) _workers.Add(worker);
        SendWeights(worker, state.Version, state.Weights, context);
        SendAverage(worker, context);
    }

    void Publish(PublishAverage publish, IActorContext context)
    {
        if (publish.Step.After != state.Version) throw new InvalidOperationException($"the average after {publish.Step} was asked of weights of {state.Version}");
        _average ??= state.CopyAverage();
        foreach (var worker in _workers.ToList()) SendAverage(worker, context);
    }

    void SendAverage(ActorRef worker, IActorContext context)
    {
        if (_average is not null) SendWeights(worker, state.Version with { Averaged = true }, _average, context);
    }

    /// <summary>A receiver that does not keep up must not hold up the others: it gets no more, and the coordinator is told.</summary>
    void SendWeights(ActorRef worker, WeightVersion version, Payload<float> weights, IActorContext context)
    {
        try
        {
            context.Send(worker, new WeightsPublished(version, _slice, weights.Retain()));
        }
        catch (MailboxFullException full)
        {
            _workers.Remove(worker);
            context.Send(coordinator, new ReceiverOverrun(worker, full.Message));
        }
    }

    void Send(TakeSnapshot snapshot, IActorContext context)
    {
        if (snapshot.Step.After != state.Version) throw new InvalidOperationException($"a snapshot after {snapshot.Step} was asked of weights of {state.Version}");
        context.Send(coordinator, new SnapshotTaken(snapshot.Step, _slice, state.Weights.Retain(), state.CopyOptimizerState()));
    }
}
