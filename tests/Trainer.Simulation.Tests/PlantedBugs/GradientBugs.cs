using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace Trainer.Simulation.Tests;

/// <summary>A gradient that comes again, because its shard was issued again or the network has doubled it, is added again.</summary>
sealed class CountsTwice : Bug
{
    readonly Dictionary<(ActorRef, Step, ShardRange), float[]> _seen = [];
    float[]? _owed;

    public override IEnumerable<Message> Hear(ActorRef actor, Message message)
    {
        if (message is not PushGradient push || !IsServer(actor)) return [message];
        var key = (actor, push.Step, push.Node);
        var gradient = push.Gradient.Singles!;
        if (_seen.TryGetValue(key, out _))
        {
            _owed = gradient.Span.ToArray();
            return [message];
        }

        _seen.Add(key, []);
        if (_owed is not { } owed || owed.Length != gradient.Length) return [message];
        _owed = null;
        return [push with { Gradient = Changed(gradient, span => { for (var i = 0; i < span.Length; i++) span[i] += owed[i]; }) }];
    }
}

/// <summary>A node of the tree that is missing is taken for zero.</summary>
sealed class DropsANode : Bug
{
    int _pushes;

    public override IEnumerable<Message> Hear(ActorRef actor, Message message) =>
        message is PushGradient push && IsServer(actor) && ++_pushes % 7 == 0
            ? [push with { Gradient = Changed(push.Gradient.Singles!, span => span.Clear()) }]
            : [message];
}

/// <summary>Gradients are added as they arrive, and not along the tree.</summary>
sealed class SumsInOrderOfArrival : Bug
{
    readonly Dictionary<ActorRef, Arrivals> _servers = [];

    public override IEnumerable<Message> Hear(ActorRef actor, Message message)
    {
        if (message is not PushGradient push || !IsServer(actor)) return [message];
        if (!_servers.TryGetValue(actor, out var arrivals)) _servers.Add(actor, arrivals = new Arrivals());
        return arrivals.Take(push) is { } sum ? [push with { Node = new ShardRange(0, Arrivals.Shards), Gradient = new PayloadPool(0).Copy<float>(sum) }] : [];
    }

    /// <summary>What has arrived at one server.</summary>
    sealed class Arrivals
    {
        public const int Shards = 8;

        readonly List<PushGradient> _held = [];
        readonly HashSet<int> _shards = [];

        /// <returns>The sum when all is there.</returns>
        public float[]? Take(PushGradient push)
        {
            if (_held.Count > 0 && _held[0].Step != push.Step) Forget();
            if (!Enumerable.Range(push.Node.First, push.Node.Count).All(_shards.Add))
            {
                push.Release();
                return null;
            }

            _held.Add(push);
            if (_shards.Count < Shards) return null;
            var sum = new float[push.Gradient.Length];
            foreach (var one in _held)
                for (var i = 0; i < sum.Length; i++)
                    sum[i] += one.Gradient.Singles!.Span[i];
            Forget();
            return sum;
        }

        void Forget()
        {
            foreach (var push in _held.Where(held => held.Gradient.Singles!.References > 0)) push.Release();
            _held.Clear();
            _shards.Clear();
        }
    }
}

/// <summary>A server applies the step itself when it thinks that the sum is complete, before the coordinator has the results.</summary>
sealed class AppliesTooEarly : Bug
{
    public override IEnumerable<Message> Hear(ActorRef actor, Message message) =>
        message is PushGradient push && IsServer(actor) ? [message, new ApplyStep(push.Step, 0.01, null, 0.01) { Term = push.Term }] : [message];
}

/// <summary>Every fifth update is made twice.</summary>
sealed class AppliesTwice : Bug
{
    readonly Dictionary<ActorRef, float[]> _before = [];

    public override IEnumerable<Message> Send(ActorRef actor, ActorRef target, Message message)
    {
        if (message is not WeightsPublished published || !IsServer(actor)) return [message];
        var before = _before.GetValueOrDefault(actor);
        _before[actor] = published.Weights.Span.ToArray();
        if (before is null || published.Version.Value % 5 != 0) return [message];
        return [published with { Weights = Changed(published.Weights, span => { for (var i = 0; i < span.Length; i++) span[i] += span[i] - before[i]; }) }];
    }
}
