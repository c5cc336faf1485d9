using LstmCluster.Actors;

namespace LstmCluster.Training;

/// <summary>The workers that are ready, in the order in which they joined.</summary>
public sealed class Roster
{
    readonly List<ActorRef> _workers = [];

    /// <summary>Number of workers that are ready.</summary>
    public int Count => _workers.Count;

    /// <summary>Adds a worker, or finds that it is back.</summary>
    /// <returns>True when it is new.</returns>
    public bool Add(ActorRef worker)
    {
        if (_workers.Contains(worker)) return false;
        _workers.Add(worker);
        return true;
    }

    /// <summary>Removes a worker.</summary>
    /// <returns>True when it was there.</returns>
    public bool Remove(ActorRef worker) => _workers.Remove(worker);

    /// <summary>Spreads shards evenly over the workers, in runs, so that a worker's shards make few nodes of the reduction tree.</summary>
    /// <param name="shards">The shards, ascending.</param>
    /// <param name="except">A worker that gets none unless it is the only one; null for none.</param>
    public IEnumerable<(ActorRef Worker, IReadOnlyList<int> Shards)> Spread(IReadOnlyList<int> shards, ActorRef? except = null)
    {
        ArgumentNullException.ThrowIfNull(shards);
        var workers = _workers.Count > 1 ? _workers.Where(worker => worker != except).ToList() : _workers;
        for (var index = 0; index < workers.Count; index++)
        {
            var first = index * shards.Count / workers.Count;
            var end = (index + 1) * shards.Count / workers.Count;
            if (end > first) yield return (workers[index], shards.Skip(first).Take(end - first).ToList());
        }
    }
}
