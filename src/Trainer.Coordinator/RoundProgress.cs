using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Who computes which shard of a round, and what has come back.</summary>
/// <remarks>What is done for a message takes time for the shards that it is about, not for all of them.</remarks>
/// <param name="round">The round.</param>
/// <param name="shards">Number of shards.</param>
/// <param name="started">When it began, on the runtime's clock.</param>
public sealed class RoundProgress(Round round, int shards, TimeSpan started)
{
    readonly Entry[] _entries = [.. Enumerable.Range(0, shards).Select(_ => new Entry())];
    readonly List<Assignment> _assignments = [];
    readonly Dictionary<ActorRef, List<Assignment>> _open = [];
    int _received, _wanted = shards;

    /// <summary>The round.</summary>
    public Round Round => round;

    /// <summary>When its first shards were assigned, on the runtime's clock; before that, when it began.</summary>
    public TimeSpan Started { get; private set; } = started;

    /// <summary>True when every shard has a result.</summary>
    public bool IsComplete => _received == _entries.Length;

    /// <summary>True while somebody is waited for: also for shards that have a result, but are computed again for their gradient.</summary>
    public bool IsComputing => _open.Count > 0;

    /// <summary>The results, in shard order.</summary>
    public IEnumerable<ShardResult> Results => _entries.Select(entry => entry.Result).OfType<ShardResult>();

    /// <summary>Sum of the shards' losses, in shard order.</summary>
    public double Loss => Results.Sum(result => result.Loss);

    /// <summary>Target tokens of the round.</summary>
    public long Tokens => Results.Sum(result => (long)result.Tokens);

    /// <summary>How often a shard was assigned anew because what somebody had been asked for was lost or of no use.</summary>
    public int Reissued { get; private set; }

    /// <summary>Shards that are to be computed and that nobody computes, ascending.</summary>
    public IReadOnlyList<int> Unassigned => _wanted == 0 ? [] : [.. Enumerable.Range(0, _entries.Length).Where(shard => _entries[shard].IsWanted)];

    /// <summary>For each worker that is computing, what it has been asked for, in that order.</summary>
    public IEnumerable<IReadOnlyList<Assignment>> Open => _open.Values;

    /// <summary>The shards that somebody computes: which, who and since when.</summary>
    public IEnumerable<(int Shard, ActorRef Worker, TimeSpan Since)> Computing =>
        from assignment in _open.Values.SelectMany(open => open)
        from shard in assignment.Open
        where _entries[shard].Result is null || _entries[shard].IsAgain
        select (shard, assignment.Worker, assignment.Assigned);

    /// <summary>True while there are shards with a result that are computed again for their gradient.</summary>
    public bool IsComputingAgain => Array.Exists(_entries, entry => entry is { Result: not null, IsAgain: true });

    /// <summary>True when a worker is computing.</summary>
    public bool IsBusy(ActorRef worker) => _open.ContainsKey(worker);

    /// <summary>True when a shard is waited for and so many assignments, and no others, are to bring it.</summary>
    public bool IsWith(int shard, int assignments) => _entries[shard] is var entry && entry.Copies == assignments && (entry.Result is null || entry.IsAgain);

    /// <summary>Why a shard is unassigned that somebody computed before; null when nobody did.</summary>
    public LostShard? WhyUnassigned(int shard) => _entries[shard].Lost;

    /// <summary>Notes an assignment.</summary>
    /// <param name="assigned">The shards, ascending.</param>
    /// <param name="worker">Who computes them.</param>
    /// <param name="now">When, on the runtime's clock.</param>
    public Assignment Assign(IReadOnlyList<int> assigned, ActorRef worker, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(assigned);
        var assignment = new Assignment(_assignments.Count + 1, worker, assigned, now);
        foreach (var shard in assigned)
        {
            var entry = _entries[shard];
            if (entry.Lost is not null) Reissued++;
            entry.Lost = null;
            entry.Copies++;
            Want(entry, false);
        }

        if (_assignments.Count == 0) Started = now;
        _assignments.Add(assignment);
        if (!_open.TryGetValue(worker, out var open))
        {
            _open.Add(worker, open = []);
            assignment.Begin(now);
        }

        open.Add(assignment);
        return assignment;
    }

    /// <summary>The answer to an assignment is in: its worker goes on to the next one.</summary>
    /// <param name="attempt">Its number.</param>
    /// <param name="now">When, on the runtime's clock.</param>
    /// <returns>The assignment; null when it was not waited for.</returns>
    public Assignment? Close(int attempt, TimeSpan now)
    {
        if (attempt < 1 || attempt > _assignments.Count) return null;
        var assignment = _assignments[attempt - 1];
        if (!_open.TryGetValue(assignment.Worker, out var open) || !open.Remove(assignment)) return null;
        if (open.Count == 0) _open.Remove(assignment.Worker);
        else open[0].Begin(now);
        foreach (var shard in assignment.Open)
        {
            _entries[shard].Copies--;
            _entries[shard].IsAgain = false;
            WantIfNobodyComputes(_entries[shard], null);
        }

        return assignment;
    }

    /// <summary>Takes in a result. The first one of a shard counts, unless it was rejected; another holds the same bits and is released, as is an answer to what nobody asked.</summary>
    /// <returns>True when it counts.</returns>
    public bool Accept(ShardResult result, int attempt)
    {
        ArgumentNullException.ThrowIfNull(result);

        // Only an assignment that was made can be answered.
        if (!WasAssigned(result.Shard, attempt) || _entries[result.Shard] is not { Result: null } entry || entry.RejectedAttempt == attempt)
        {
            result.State?.Release();
            return false;
        }

        (entry.Result, entry.ResultAttempt) = (result, attempt);
        _received++;
        if (!entry.IsAgain) Want(entry, false);
        return true;
    }

    /// <summary>Notes that what an attempt gave for a shard cannot be used.</summary>
    /// <returns>What to do about it.</returns>
    public Rejection Reject(int shard, int attempt)
    {
        if (!WasAssigned(shard, attempt)) return Rejection.Meaningless;
        var entry = _entries[shard];
        if (entry.RejectedAttempt == attempt) return Rejection.KnownAlready;
        if (entry.RejectedAttempt != 0) return Rejection.SecondTime;
        entry.RejectedAttempt = attempt;
        if (entry.Result is { } result && entry.ResultAttempt == attempt)
        {
            result.State?.Release();
            entry.Result = null;
            _received--;
        }

        // Its worker may still be about to answer, which will not count.
        var assignment = _assignments[attempt - 1];
        if (IsOpen(assignment) && assignment.Open.Remove(shard)) entry.Copies--;
        WantIfNobodyComputes(entry, new LostShard(assignment.Worker, "it was refused"));
        return Rejection.Recompute;
    }

    /// <summary>
    /// Gradients of shards are missing: they are computed again, although their results are there. They hold the same bits. Those that somebody else still computes are waited for, and
    /// helped out with when that takes too long.
    /// </summary>
    public void ComputeAgain(IReadOnlyList<int> missing)
    {
        ArgumentNullException.ThrowIfNull(missing);
        foreach (var shard in missing)
        {
            if ((uint)shard >= (uint)_entries.Length || _entries[shard] is not { Result: not null } entry) continue;
            entry.IsAgain = true;
            WantIfNobodyComputes(entry, new LostShard(_assignments[entry.ResultAttempt - 1].Worker, "its gradient is missing"));
        }
    }

    /// <summary>Takes the unfinished shards away from a worker that is gone.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="reason">Why.</param>
    /// <returns>The shards, ascending; also those that somebody else computes too.</returns>
    public IReadOnlyList<int> Abandon(ActorRef worker, string reason = "it is gone")
    {
        if (!_open.Remove(worker, out var open)) return [];
        var lost = new SortedSet<int>();
        foreach (var shard in open.SelectMany(assignment => assignment.Open))
        {
            var entry = _entries[shard];
            entry.Copies--;
            if (entry.Result is null || entry.IsAgain) lost.Add(shard);
            WantIfNobodyComputes(entry, new LostShard(worker, reason));
        }

        return [.. lost];
    }

    /// <summary>Gives back the results of a round that is not finished.</summary>
    public void Release()
    {
        foreach (var result in Results) result.State?.Release();
    }

    bool WasAssigned(int shard, int attempt) => (uint)shard < (uint)_entries.Length && attempt >= 1 && attempt <= _assignments.Count;

    bool IsOpen(Assignment assignment) => _open.TryGetValue(assignment.Worker, out var open) && open.Contains(assignment);

    void WantIfNobodyComputes(Entry entry, LostShard? lost)
    {
        if (entry.Copies > 0 || (entry.Result is not null && !entry.IsAgain)) return;
        entry.Lost ??= lost;
        Want(entry, true);
    }

    void Want(Entry entry, bool wanted)
    {
        if (entry.IsWanted == wanted) return;
        entry.IsWanted = wanted;
        _wanted += wanted ? 1 : -1;
    }

    sealed class Entry
    {
        public ShardResult? Result;
        public int ResultAttempt, RejectedAttempt, Copies;
        public bool IsWanted = true, IsAgain;
        public LostShard? Lost;
    }
}

/// <summary>Why a shard has to be assigned again.</summary>
/// <param name="Worker">Who was to compute it.</param>
/// <param name="Reason">What became of it.</param>
public sealed record LostShard(ActorRef Worker, string Reason);

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
