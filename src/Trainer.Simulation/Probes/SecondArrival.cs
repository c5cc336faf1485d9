using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Simulation;

/// <summary>Makes the second one of a message that the network doubles, with memory of its own, as bytes that arrive twice have.</summary>
/// <param name="pool">Where payloads are rented.</param>
sealed class SecondArrival(PayloadPool pool)
{
    /// <summary>The same message once more; null for a kind that has payloads and is not known here.</summary>
    public Message? Of(Message message) => message switch
    {
        PushGradient push => push with { Gradient = Of(push.Gradient) },
        GradientSummed summed => summed with { BlockSquares = Of(summed.BlockSquares) },
        StepApplied applied => applied with { BlockSquares = Of(applied.BlockSquares) },
        WeightsPublished published => published with { Weights = Of(published.Weights) },
        SnapshotTaken snapshot => snapshot with { Weights = Of(snapshot.Weights), OptimizerState = [.. snapshot.OptimizerState.Select(Of)] },
        AssignShards assigned => assigned with { Shards = [.. assigned.Shards.Select(Of)] },
        ShardsDone done => done with { Results = [.. done.Results.Select(result => result with { State = OrNone(result.State) })] },
        JobOffered offered => offered with { Job = Of(offered.Job) },
        ServeParameters serve => serve with { Job = Of(serve.Job), Weights = Of(serve.Weights), OptimizerState = [.. serve.OptimizerState.Select(Of)] },
        _ => MessageCopy.WithoutPayloads(message),
    };

    ShardBatch Of(ShardBatch batch) => batch with
    {
        Tokens = OrNone(batch.Tokens),
        Characters = OrNone(batch.Characters),
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
