using LstmCluster.Actors;

namespace LstmCluster.Training;

/// <summary>The workers that are ready, in the order in which they joined.</summary>
public sealed class Roster
{
    readonly LinkedList<ActorRef> _workers = [];
    readonly Dictionary<ActorRef, Member> _members = [];
    readonly Dictionary<ActorRef, HashSet<ActorRef>> _dependents = [];

    /// <summary>Number of workers that are ready.</summary>
    public int Count => _workers.Count;

    /// <summary>The workers, in the order in which they joined.</summary>
    public IEnumerable<ActorRef> Workers => _workers;

    /// <summary>Adds a worker, or finds that it is back.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="weightsTo">Who takes the weights for it; null for itself.</param>
    /// <param name="life">What tells one start of it from another.</param>
    /// <returns>What it has to do with the one that was there.</returns>
    public Arrival Add(ActorRef worker, ActorRef? weightsTo = null, long life = 0)
    {
        if (_members.TryGetValue(worker, out var member))
        {
            // A repetition that was overtaken by what the worker said after a restart is no restart.
            if (!member.Lives.Add(life)) return Arrival.Known;
            Depend(worker, weightsTo ?? worker, member.WeightsTo);
            _members[worker] = member with { WeightsTo = weightsTo ?? worker };
            return Arrival.Restarted;
        }

        _members.Add(worker, new Member(_workers.AddLast(worker), weightsTo ?? worker, [life]));
        Depend(worker, weightsTo ?? worker, before: null);
        return Arrival.New;
    }

    /// <summary>Removes a worker.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="forNobody">Who took the weights for it and now does for nobody; null when it does for others, or the worker was not there.</param>
    /// <returns>True when it was there.</returns>
    public bool Remove(ActorRef worker, out ActorRef? forNobody)
    {
        forNobody = null;
        if (!_members.Remove(worker, out var member)) return false;
        _workers.Remove(member.Place);
        if (Leave(worker, member.WeightsTo)) forNobody = member.WeightsTo;
        return true;
    }

    /// <summary>True when a worker is ready.</summary>
    public bool Contains(ActorRef worker) => _members.ContainsKey(worker);

    /// <summary>Who takes the weights for a worker; itself where nobody else does.</summary>
    public ActorRef WeightsOf(ActorRef worker) => _members[worker].WeightsTo;

    /// <summary>The workers that need an actor: itself, or those whose weights it takes.</summary>
    public IReadOnlyList<ActorRef> DependingOn(ActorRef actor)
    {
        var depending = _dependents.TryGetValue(actor, out var dependents) ? dependents.ToList() : [];
        if (_members.ContainsKey(actor) && !depending.Contains(actor)) depending.Add(actor);
        return depending;
    }

    /// <summary>Spreads shards evenly over workers, in runs, so that a worker's shards make few nodes of the reduction tree.</summary>
    /// <param name="shards">The shards, ascending.</param>
    /// <param name="except">A worker that gets none unless it is the only one; null for none.</param>
    /// <param name="preferred">Who is to get them if anybody like that is there; null for everybody.</param>
    public IReadOnlyList<(ActorRef Worker, IReadOnlyList<int> Shards)> Spread(
        IReadOnlyList<int> shards, ActorRef? except = null, Predicate<ActorRef>? preferred = null)
    {
        ArgumentNullException.ThrowIfNull(shards);
        if (shards.Count == 0) return [];
        var workers = _workers.Where(worker => Count == 1 || worker != except).ToList();
        if (preferred is not null && workers.FindAll(preferred) is { Count: > 0 } better) workers = better;
        var spread = new List<(ActorRef, IReadOnlyList<int>)>(Math.Min(workers.Count, shards.Count));
        var next = 0;
        for (var index = 0; index < workers.Count; index++)
        {
            var end = (int)((index + 1L) * shards.Count / workers.Count);
            if (end == next) continue;
            var part = new int[end - next];
            for (var shard = 0; shard < part.Length; shard++) part[shard] = shards[next + shard];
            spread.Add((workers[index], part));
            next = end;
        }

        return spread;
    }

    /// <summary>What the workers of each process get of a spread together: those whose weights the same other one takes.</summary>
    /// <param name="spread">What each worker gets.</param>
    /// <returns>All their shards, ascending, by who takes their weights; without processes of which one worker alone gets any.</returns>
    public IReadOnlyDictionary<ActorRef, IReadOnlyList<int>> HostShards(IReadOnlyList<(ActorRef Worker, IReadOnlyList<int> Shards)> spread)
    {
        ArgumentNullException.ThrowIfNull(spread);
        var together = new Dictionary<ActorRef, (int Workers, List<int> Shards)>();
        foreach (var (worker, shards) in spread)
        {
            var host = WeightsOf(worker);
            if (host == worker || _dependents[host].Count < 2) continue;
            var (workers, all) = together.TryGetValue(host, out var others) ? others : (0, []);
            all.AddRange(shards);
            together[host] = (workers + 1, all);
        }

        return together.Where(given => given.Value.Workers > 1).ToDictionary(given => given.Key, given => (IReadOnlyList<int>)given.Value.Shards);
    }

    void Depend(ActorRef worker, ActorRef weightsTo, ActorRef? before)
    {
        if (before is not null) Leave(worker, before);
        if (!_dependents.TryGetValue(weightsTo, out var dependents)) _dependents.Add(weightsTo, dependents = []);
        dependents.Add(worker);
    }

    /// <returns>True when nobody depends on the other any more.</returns>
    bool Leave(ActorRef worker, ActorRef weightsTo)
    {
        var dependents = _dependents[weightsTo];
        dependents.Remove(worker);
        return dependents.Count == 0 && _dependents.Remove(weightsTo);
    }

    sealed record Member(LinkedListNode<ActorRef> Place, ActorRef WeightsTo, HashSet<long> Lives);
}

/// <summary>What a worker that joins has to do with the one that was there.</summary>
public enum Arrival
{
    /// <summary>Nobody was.</summary>
    New,

    /// <summary>It says again what it has said.</summary>
    Known,

    /// <summary>It was restarted: what it was working on is lost.</summary>
    Restarted,
}
