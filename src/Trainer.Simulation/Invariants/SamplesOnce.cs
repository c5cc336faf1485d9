using System.Runtime.InteropServices;
using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>Invariant 6: every sample of an epoch is used exactly once.</summary>
/// <remarks>
/// The order of an epoch is a pure function of the job, made here from the data alone: where each step begins, and what each of its shards is. What a
/// coordinator has computed for a step must be just that, whatever was lost, restarted and repeated before it.
/// </remarks>
sealed class SamplesOnce : Invariant
{
    readonly byte[][][] _samples;

    /// <param name="reference">The undisturbed run.</param>
    public SamplesOnce(ReferenceRun reference)
    {
        var training = reference.Job.Job.Training;
        using var pool = new PayloadPool();
        var source = ShardSource.Of(reference.Job.Data, training.Shards, reference.Job.Job.Seed, pool);
        _samples = new byte[training.Steps][][];
        var position = default(DataPosition);
        for (var step = 0; step < training.Steps; step++)
        {
            _samples[step] = [.. Enumerable.Range(0, training.Shards).Select(shard => Samples(source, position, shard))];
            var next = source.After(position);
            if (next.Epoch == position.Epoch ? next.Offset <= position.Offset : next != new DataPosition(position.Epoch + 1, 0))
                throw new InvalidOperationException($"the data go from {position} to {next}");
            position = next;
        }
    }

    public override string Name => "6 every sample of an epoch is used exactly once";

    public override void Sends(ActorRef actor, ActorRef target, Message message)
    {
        if (message is not AssignShards { Round: { Kind: WorkKind.Train, Step: var step } } assigned || !Roles.IsCoordinator(actor)) return;
        if (step.Value < 1 || step.Value > _samples.Length)
        {
            Violated($"{step} is assigned in a job of {_samples.Length} steps");
            return;
        }

        foreach (var shard in assigned.Shards)
            if (!Samples(shard).AsSpan().SequenceEqual(_samples[step.Value - 1][shard.Shard]))
                Violated($"shard {shard.Shard} of {step} is assigned with other samples than those whose turn it is");
    }

    static byte[] Samples(IShardSource source, DataPosition position, int shard)
    {
        var batch = source.Training(position, shard, null);
        try
        {
            return Samples(batch);
        }
        finally
        {
            batch.Release();
        }
    }

    static byte[] Samples(ShardBatch batch) =>
        [.. Bytes(batch.Tokens), .. Bytes(batch.Characters), .. Bytes(batch.Features), .. Bytes(batch.Lengths), .. Bytes(batch.Classes), .. Bytes(batch.Values)];

    static byte[] Bytes<T>(Payload<T>? payload)
        where T : unmanaged => payload is null ? [] : MemoryMarshal.AsBytes(payload.Span).ToArray();
}
