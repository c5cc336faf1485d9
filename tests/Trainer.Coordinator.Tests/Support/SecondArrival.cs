using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace Trainer.Coordinator.Tests;

/// <summary>Makes the second one of a message that the network doubles, with memory of its own.</summary>
sealed class SecondArrival(PayloadPool pool)
{
    public Message Of(Message message) => message switch
    {
        PushGradient push => push with { Gradient = Of(push.Gradient) },
        GradientSummed summed => summed with { BlockSquares = Of(summed.BlockSquares) },
        StepApplied applied => applied with { BlockSquares = Of(applied.BlockSquares) },
        WeightsPublished published => published with { Weights = Of(published.Weights) },
        SnapshotTaken snapshot => snapshot with { Weights = Of(snapshot.Weights), OptimizerState = [.. snapshot.OptimizerState.Select(Of)] },
        AssignShards assigned => assigned with { Shards = [.. assigned.Shards.Select(Of)] },
        ShardsDone done => done with { Results = [.. done.Results.Select(result => result with { State = OrNone(result.State) })] },
        JobOffered offered => offered with { Job = Of(offered.Job) },
        _ => message,
    };

    ShardBatch Of(ShardBatch batch) => batch with
    {
        Tokens = OrNone(batch.Tokens),
        Features = OrNone(batch.Features),
        Lengths = OrNone(batch.Lengths),
        Classes = OrNone(batch.Classes),
        Values = OrNone(batch.Values),
        State = OrNone(batch.State),
    };

    GradientPart Of(GradientPart part) => part.Halves is { } halves ? new GradientPart(Of(halves)) : new GradientPart(Of(part.Singles!));

    Payload<T> Of<T>(Payload<T> payload)
        where T : unmanaged => pool.Copy<T>(payload.Span);

    Payload<T>? OrNone<T>(Payload<T>? payload)
        where T : unmanaged => payload is null ? null : Of(payload);
}
