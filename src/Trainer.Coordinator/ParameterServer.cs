using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Owns a part of the weights and of the optimizer's state: sums gradients, makes the next weights, publishes them.</summary>
/// <remarks>
/// What it is asked may come twice, late or out of order, so it acts on what is about the step in work, answers again what it has answered before, and passes over
/// the rest: whoever waits for an answer asks again.
/// </remarks>
/// <param name="state">Weights and optimizer state to start from; disposed with the actor.</param>
/// <param name="tree">The reduction tree over the shards.</param>
/// <param name="coordinator">Who is told.</param>
/// <param name="term">The coordinator's reign.</param>
/// <param name="pool">Where gradients are rented.</param>
/// <param name="precision">What partial sums are rounded to.</param>
public sealed class ParameterServer(
    ParameterState state, ShardTree tree, ActorRef coordinator, Term term, PayloadPool pool, GradientPrecision precision = GradientPrecision.Fp32) : IActor, IDisposable
{
    readonly GradientSum _sum = new(tree, state.Device, state.Slice, pool, precision);
    readonly Publisher _publisher = new(state.Slice.Range, coordinator, term);

    // Pushes of the step that were refused: what else comes of the same computation is not taken either.
    readonly HashSet<(ShardRange Node, int Attempt)> _refused = [];

    // The answers of the step in work and of the one before, to be given again.
    Payload<double>? _summed, _applied;

    /// <summary>The step whose gradients are being collected.</summary>
    Step Current => new(state.Version.Value + 1);

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (message is ClusterMessage { Term: var said } && said != term) return context.Unhandled(message);
        switch (message)
        {
            case PushGradient push: Collect(push, context); break;
            case ReportSum report: Report(report.Step, context); break;
            case ApplyStep apply: Apply(apply, context); break;
            case Subscribe subscribe: _publisher.Add(subscribe.Worker, state, context); break;
            case Unsubscribe unsubscribe: _publisher.Remove(unsubscribe.Worker); break;
            case AskForWeights ask: _publisher.Answer(ask, state, context); break;
            case PublishAverage publish when publish.Step.After == state.Version: _publisher.PublishAverage(state, context); break;
            case PublishAverage: break;
            case TakeSnapshot snapshot: Send(snapshot, context); break;
            case Terminated gone: _publisher.Remove(gone.Actor); break;
            default: return context.Unhandled(message);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Gives back weights and gradients.</summary>
    public void Dispose()
    {
        _sum.Dispose();
        _publisher.Dispose();
        _summed?.Release();
        _applied?.Release();
        state.Dispose();
    }

    void Collect(PushGradient push, IActorContext context)
    {
        // A slow worker's gradient of a step that is over, or a second answer after the sum was complete.
        if (push.Step != Current || _sum.IsComplete || _refused.Contains((push.Node, push.Attempt)))
        {
            push.Release();
            return;
        }

        if (_sum.Add(push.Node, push.Slice, push.Gradient.Expand(pool)) is { } rejection)
        {
            // What other buckets of this computation brought before stays in the sum, here and at other servers. Were the numbers those of the training, they are the right
            // bits, and the second computation is refused as well and ends the run. Were they the machine's fault, finite ones are no more suspect than those of
            // any push before it: a number that is wrong but finite cannot be told by what lies beside it.
            _refused.Add((push.Node, push.Attempt));
            context.Send(coordinator, new GradientRejected(push.Step, push.Attempt, push.Node, push.Worker, rejection) { Term = term });
        }
        else if (_sum.IsComplete)
        {
            var totals = _sum.Totals;
            state.ClearFrozen(totals);
            _summed = state.BlockSquares(totals);
            Report(push.Step, context);
        }
    }

    void Report(Step step, IActorContext context)
    {
        if (step.After == state.Version)
        {
            SendApplied(step, context);
        }
        else if (step == Current)
        {
            context.Send(
                coordinator,
                _summed is { } squares
                    ? new GradientSummed(step, state.Slice.Range, squares.Retain()) { Term = term }
                    : new GradientMissing(step, state.Slice.Range, _sum.Missing) { Term = term });
        }
    }

    void Apply(ApplyStep apply, IActorContext context)
    {
        // Versions are consecutive: neither an old step nor one whose sum is not complete makes weights.
        if (apply.Step == Current && _sum.IsComplete)
        {
            _applied?.Release();
            _applied = state.Update(apply, _sum.Totals);
            _sum.Clear();
            _refused.Clear();
            _summed!.Release();
            _summed = null;

            // First: behind the weights of all receivers it would wait for the link, and so would the next step's batches.
            SendApplied(apply.Step, context);
            _publisher.Publish(state, context);
        }
        else if (apply.Step.After == state.Version)
        {
            SendApplied(apply.Step, context);
        }
    }

    /// <summary>Tells of the last step; a server that has only just started has applied none and has nothing to tell.</summary>
    void SendApplied(Step step, IActorContext context)
    {
        if (_applied is not null) context.Send(coordinator, new StepApplied(step, state.Slice.Range, _applied.Retain()) { Term = term });
    }

    /// <summary>Of the present version only: when a snapshot is asked for too late, the one who asks begins anew with a later step.</summary>
    void Send(TakeSnapshot snapshot, IActorContext context)
    {
        if (snapshot.Step.After != state.Version) return;
        context.Send(coordinator, new SnapshotTaken(snapshot.Step, state.Slice.Range, state.Weights.Retain(), state.CopyOptimizerState()) { Term = term });
    }
}
