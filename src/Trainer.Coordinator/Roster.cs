using LstmCluster.Actors;

namespace LstmCluster.Training;

/// <summary>The workers that are ready, in the order in which they joined.</summary>
public sealed class Roster
{
    readonly List<ActorRef> _workers = [];
    readonly Dictionary<ActorRef, ActorRef> _weightsTo = [];
    readonly Dictionary<ActorRef, long> _lives = [];

    /// <summary>The workers that are ready, in the order in which they joined.</summary>
    public IReadOnlyList<ActorRef> Workers => _workers;

    /// <summary>Number of workers that are ready.</summary>
    public int Count => _workers.Count;

    /// <summary>True when a worker that joins says again what it has said.</summary>
    public bool Knows(ActorRef worker, long life) => _lives.TryGetValue(worker, out var known) && known == life;

    /// <summary>Adds a worker, or finds that it is back.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="weightsTo">Who takes the weights for it; null for itself.</param>
    /// <param name="life">What tells one start of it from another.</param>
    /// <returns>True when it is new.</returns>
    public bool Add(ActorRef worker, ActorRef? weightsTo = null, long life = 0)
    {
        _lives[worker] = life;
        _weightsTo[worker] = weightsTo ?? worker;
        if (_workers.Contains(worker)) return false;
        _workers.Add(worker);
        return true;
    }

    /// <summary>Removes a worker.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="forNobody">Who took the weights for it and now does for nobody; null when it does for others, or the worker was not there.</param>
    /// <returns>True when it was there.</returns>
    public bool Remove(ActorRef worker, out ActorRef? forNobody)
    {
        forNobody = null;
        if (!_workers.Remove(worker)) return false;
        _lives.Remove(worker);
        _weightsTo.Remove(worker, out var weightsTo);
        forNobody = _weightsTo.ContainsValue(weightsTo!) ? null : weightsTo;
        return true;
    }

    /// <summary>The workers that need an actor: itself, or those whose weights it takes.</summary>
    public IReadOnlyList<ActorRef> DependingOn(ActorRef actor) => [.. _workers.Where(worker => worker == actor || _weightsTo[worker] == actor)];

    /// <summary>Spreads shards evenly over the workers, in runs, so that a worker's shards make few nodes of the reduction tree.</summary>
    /// <param name="shards">The shards, ascending.</param>
    /// <param name="except">A worker that gets none unless it is the only one; null for none.</param>
    public IReadOnlyList<(ActorRef Worker, IReadOnlyList<int> Shards)> Spread(IReadOnlyList<int> shards, ActorRef? except = null)
    {
        ArgumentNullException.ThrowIfNull(shards);
        var workers = _workers.Count > 1 ? _workers.Where(worker => worker != except).ToList() : _workers;
        var spread = new List<(ActorRef, IReadOnlyList<int>)>();
        for (var index = 0; index < workers.Count; index++)
        {
            var first = index * shards.Count / workers.Count;
            var end = (index + 1) * shards.Count / workers.Count;
            if (end > first) spread.Add((workers[index], shards.Skip(first).Take(end - first).ToList()));
        }

        return spread;
    }

    /// <summary>The shards of a spread that workers get whose weights the same other one takes: those of one process.</summary>
    /// <param name="worker">One of them.</param>
    /// <param name="spread">What each worker gets.</param>
    /// <returns>All their shards, ascending; none when nobody else of them gets any.</returns>
    public IReadOnlyList<int> HostShards(ActorRef worker, IReadOnlyList<(ActorRef Worker, IReadOnlyList<int> Shards)> spread)
    {
        ArgumentNullException.ThrowIfNull(spread);
        var host = _weightsTo[worker];
        if (host == worker || spread.Count(given => _weightsTo[given.Worker] == host) < 2) return [];
        return [.. spread.Where(given => _weightsTo[given.Worker] == host).SelectMany(given => given.Shards).Order()];
    }
}
