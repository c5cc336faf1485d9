using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Who computes which shard of a round, and what has come back.</summary>
/// <param name="round">The round.</param>
/// <param name="shards">Number of shards.</param>
/// <param name="started">When it began, on the runtime's clock.</param>
public sealed class RoundProgress(Round round, int shards, TimeSpan started)
{
    readonly ActorRef?[] _workers = new ActorRef?[shards];
    readonly bool[] _assigned = new bool[shards];
    readonly TimeSpan[] _assignedAt = new TimeSpan[shards];
    readonly ShardResult?[] _results = new ShardResult?[shards];
    readonly int[] _rejectedAttempt = new int[shards];
    int _attempts;

    /// <summary>The round.</summary>
    public Round Round => round;

    /// <summary>When its first shards were assigned, on the runtime's clock; before that, when it began.</summary>
    public TimeSpan Started { get; private set; } = started;

    /// <summary>True when every shard has a result.</summary>
    public bool IsComplete => _results.All(result => result is not null);

    /// <summary>The results, in shard order.</summary>
    public IEnumerable<ShardResult> Results => _results.OfType<ShardResult>();

    /// <summary>Sum of the shards' losses, in shard order.</summary>
    public double Loss => Results.Sum(result => result.Loss);

    /// <summary>Target tokens of the round.</summary>
    public long Tokens => Results.Sum(result => (long)result.Tokens);

    /// <summary>How often a shard was assigned that somebody had been given before.</summary>
    public int Reissued { get; private set; }

    /// <summary>Shards that nobody computes or has computed.</summary>
    public IReadOnlyList<int> Unassigned => Where(shard => _workers[shard] is null && _results[shard] is null);

    /// <summary>The shard that somebody has been computing for the longest time, who and since when; null when nobody computes.</summary>
    public (int Shard, ActorRef Worker, TimeSpan Since)? Outstanding
    {
        get
        {
            var computed = Where(shard => _workers[shard] is not null && _results[shard] is null);
            if (computed.Count == 0) return null;
            var longest = computed.MinBy(shard => _assignedAt[shard]);
            return (longest, _workers[longest]!, _assignedAt[longest]);
        }
    }

    /// <summary>The shards that somebody computes: which, who and since when.</summary>
    public IEnumerable<(int Shard, ActorRef Worker, TimeSpan Since)> Computing =>
        Where(shard => _workers[shard] is not null && _results[shard] is null).Select(shard => (shard, _workers[shard]!, _assignedAt[shard]));

    /// <summary>Notes an assignment.</summary>
    /// <param name="assigned">The shards.</param>
    /// <param name="worker">Who computes them.</param>
    /// <param name="now">When, on the runtime's clock.</param>
    /// <returns>Its number.</returns>
    public int Assign(IEnumerable<int> assigned, ActorRef worker, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(assigned);
        foreach (var shard in assigned)
        {
            if (_assigned[shard]) Reissued++;
            _assigned[shard] = true;
            (_workers[shard], _assignedAt[shard]) = (worker, now);
        }

        if (_attempts == 0) Started = now;
        return ++_attempts;
    }

    /// <summary>Takes in a result. The first one of a shard counts, unless it was rejected; another holds the same bits and is released, as is an answer to what nobody asked.</summary>
    /// <returns>True when it counts.</returns>
    public bool Accept(ShardResult result, int attempt)
    {
        ArgumentNullException.ThrowIfNull(result);

        // Only an assignment that was made can be answered.
        if (!WasAssigned(result.Shard, attempt))
        {
            result.State?.Release();
            return false;
        }

        var rejected = _rejectedAttempt[result.Shard];
        if (attempt == rejected || (_results[result.Shard] is not null && rejected == 0))
        {
            result.State?.Release();
            return false;
        }

        _results[result.Shard]?.State?.Release();
        _results[result.Shard] = result;
        return true;
    }

    /// <summary>Notes that what an attempt gave for a shard cannot be used.</summary>
    /// <returns>What to do about it.</returns>
    public Rejection Reject(int shard, int attempt)
    {
        if (!WasAssigned(shard, attempt)) return Rejection.Meaningless;
        if (_rejectedAttempt[shard] == attempt) return Rejection.KnownAlready;
        if (_rejectedAttempt[shard] != 0) return Rejection.SecondTime;
        _rejectedAttempt[shard] = attempt;
        _results[shard]?.State?.Release();
        _results[shard] = null;
        _workers[shard] = null;
        return Rejection.Recompute;
    }

    /// <summary>Takes the unfinished shards away from a worker that is gone.</summary>
    /// <returns>The shards.</returns>
    public IReadOnlyList<int> Abandon(ActorRef worker)
    {
        var lost = Where(shard => _workers[shard] == worker && _results[shard] is null);
        foreach (var shard in lost) _workers[shard] = null;
        return lost;
    }

    /// <summary>Gives back the results of a round that is not finished.</summary>
    public void Release()
    {
        foreach (var result in Results) result.State?.Release();
    }

    bool WasAssigned(int shard, int attempt) => (uint)shard < (uint)shards && attempt >= 1 && attempt <= _attempts;

    List<int> Where(Predicate<int> condition)
    {
        var found = new List<int>();
        for (var shard = 0; shard < shards; shard++)
            if (condition(shard))
                found.Add(shard);
        return found;
    }
}

/// <summary>What follows from a rejected result.</summary>
public enum Rejection
{
    /// <summary>Nobody was asked for it.</summary>
    Meaningless,

    /// <summary>The same attempt was rejected before, by its loss or by another gradient.</summary>
    KnownAlready,

    /// <summary>Compute it once more, elsewhere if possible.</summary>
    Recompute,

    /// <summary>It was computed again and is still unusable: the fault is in the training, not in a worker.</summary>
    SecondTime,
}
