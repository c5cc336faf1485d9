using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace Trainer.Simulation.Tests;

/// <summary>What a lost worker was to compute is not given to another one.</summary>
sealed class LosesWhatIsIssuedAgain : Bug
{
    public override IEnumerable<Message> Send(ActorRef actor, ActorRef target, Message message)
    {
        if (message is not AssignShards { Round.Kind: WorkKind.Train, Attempt: > Workers } assigned || !IsCoordinator(actor)) return [message];
        assigned.Release();
        return [];
    }

    // The first assignments of a round, to each of at most so many workers.
    const int Workers = 8;
}

/// <summary>Two shards of an assignment get each other's results.</summary>
sealed class SwapsResults : Bug
{
    public override IEnumerable<Message> Send(ActorRef actor, ActorRef target, Message message) =>
        message is ShardsDone { Results: [var one, var other, ..] } done && IsCoordinator(target)
            ? [done with { Results = [one with { Shard = other.Shard }, other with { Shard = one.Shard }, .. done.Results.Skip(2)] }]
            : [message];
}

/// <summary>Every fourth step is computed with the samples of the step before.</summary>
sealed class ReusesAPosition : Bug
{
    readonly Dictionary<(long Step, int Shard), int[]> _tokens = [];

    public override IEnumerable<Message> Send(ActorRef actor, ActorRef target, Message message)
    {
        if (message is not AssignShards { Round: { Kind: WorkKind.Train, Step: var step } } assigned || !IsCoordinator(actor)) return [message];
        foreach (var shard in assigned.Shards)
        {
            _tokens.TryAdd((step.Value, shard.Shard), shard.Tokens!.Span.ToArray());
            if (step.Value % 4 == 0 && _tokens.TryGetValue((step.Value - 1, shard.Shard), out var before)) before.CopyTo(shard.Tokens!.Span);
        }

        return [message];
    }
}

/// <summary>A new pass over the text goes on with the state at the end of the one before.</summary>
sealed class KeepsStateOverThePass : Bug
{
    readonly Dictionary<int, float[]> _states = [];

    public override IEnumerable<Message> Hear(ActorRef actor, Message message)
    {
        if (message is ShardsDone { Round.Kind: WorkKind.Train } done && IsCoordinator(actor))
            foreach (var result in done.Results)
                if (result.State is { } state)
                    _states[result.Shard] = state.Span.ToArray();
        return [message];
    }

    public override IEnumerable<Message> Send(ActorRef actor, ActorRef target, Message message)
    {
        if (message is not AssignShards { Round: { Kind: WorkKind.Train, Step.Value: > 1 } } assigned || !IsCoordinator(actor)) return [message];
        return [assigned with { Shards = [.. assigned.Shards.Select(shard => shard.State is null && _states.TryGetValue(shard.Shard, out var state) ? shard with { State = new PayloadPool(0).Copy<float>(state) } : shard)] }];
    }
}

/// <summary>A worker takes weights for those of a later version.</summary>
sealed class TakesOldWeightsForNew : Bug
{
    readonly Dictionary<(ActorRef, ParameterRange), float[]> _before = [];
    int _published;

    public override IEnumerable<Message> Hear(ActorRef actor, Message message)
    {
        if (message is not WeightsPublished published || !actor.Name.StartsWith("host-", StringComparison.Ordinal)) return [message];
        var now = published.Weights.Span.ToArray();
        var isDue = ++_published % 5 == 0 & _before.Remove((actor, published.Slice), out var before);
        _before[(actor, published.Slice)] = now;
        return [isDue ? published with { Weights = Changed(published.Weights, span => before.CopyTo(span)) } : message];
    }
}

/// <summary>Whoever gets a job never gives the message's memory back.</summary>
sealed class KeepsPayloads : Bug
{
    public override IEnumerable<Message> Hear(ActorRef actor, Message message)
    {
        if (message is JobOffered offered) offered.Job.Retain();
        return [message];
    }
}
