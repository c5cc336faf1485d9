using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Simulation;

/// <summary>Invariant 1: each shard of a step enters the sum exactly once.</summary>
/// <remarks>
/// A sum that is reported as complete must have got every shard of every element of its slice at least once, and must have the squares of the undisturbed
/// sum, bit for bit, which a shard too many, or one twice, changes.
/// </remarks>
/// <param name="reference">The undisturbed run.</param>
sealed class EachShardOnce(ReferenceRun reference) : Invariant
{
    readonly Dictionary<ActorRef, Dictionary<Step, HashSet<(int Shard, int Block)>>> _servers = [];
    readonly int _shards = reference.Job.Job.Training.Shards;

    public override string Name => "1 each shard enters the sum exactly once";

    public override void Hears(ActorRef actor, Message message)
    {
        if (message is not PushGradient push || !IsServer(actor)) return;
        var seen = SeenBy(actor, push.Step);
        for (var shard = push.Node.First; shard < push.Node.First + push.Node.Count; shard++)
            foreach (var block in BlocksOf(push.Slice))
                seen.Add((shard, block));
    }

    public override void Sends(ActorRef actor, ActorRef target, Message message)
    {
        if (message is not GradientSummed summed || !IsServer(actor)) return;
        var (seen, blocks) = (SeenBy(actor, summed.Step), BlocksOf(summed.Slice));
        foreach (var block in blocks)
            for (var shard = 0; shard < _shards; shard++)
                if (!seen.Contains((shard, block)))
                {
                    Violated($"{actor} reports the sum of {summed.Step} as complete, but has never got shard {shard}");
                    return;
                }

        var expected = reference.SumOf(summed.Step).Span[blocks.Start..blocks.End];
        if (!summed.BlockSquares.Span.SequenceEqual(expected))
            Violated($"{actor} has summed something else for {summed.Step} than the undisturbed run: {summed.BlockSquares.Span[0]:R} instead of {expected[0]:R}");
    }

    HashSet<(int Shard, int Block)> SeenBy(ActorRef server, Step step)
    {
        if (!_servers.TryGetValue(server, out var steps)) _servers.Add(server, steps = []);
        if (!steps.TryGetValue(step, out var seen)) steps.Add(step, seen = []);
        return seen;
    }

    static bool IsServer(ActorRef actor) => Roles.IsParameterServer(actor);

    static BlockRange BlocksOf(ParameterRange slice) => new(slice.Offset / GradientNorm.BlockLength, GradientNorm.BlocksIn(slice.Length));

    readonly record struct BlockRange(int Start, int Count)
    {
        public int End => Start + Count;

        public IEnumerator<int> GetEnumerator() => Enumerable.Range(Start, Count).GetEnumerator();
    }
}
