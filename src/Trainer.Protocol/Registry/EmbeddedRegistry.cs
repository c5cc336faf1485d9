using System.Runtime.CompilerServices;

namespace LstmCluster.Protocol;

/// <summary>A registry within the process: whoever asks first is coordinator at once, until it resigns. It is never lost; two processes know nothing of each other.</summary>
/// <param name="nextTerm">Gives the term of each reign, higher than all before.</param>
public sealed class EmbeddedRegistry(Func<Term> nextTerm) : IRegistry
{
    readonly SemaphoreSlim _throne = new(1, 1);
    readonly Lock _gate = new();
    CoordinatorRecord? _reigning;
    RunEnding? _ending;
    Leadership? _leadership;
    TaskCompletionSource _changed = NewSignal();

    /// <inheritdoc/>
    public async Task<ILeadership> CampaignAsync(Candidate candidate, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        await _throne.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            return _leadership = new Leadership(this, candidate);
        }
        catch
        {
            _throne.Release();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<CoordinatorRecord?> FindAsync(CancellationToken stop = default)
    {
        stop.ThrowIfCancellationRequested();
        lock (_gate) return Task.FromResult(_reigning);
    }

    /// <inheritdoc/>
    public Task<RunEnding?> FindEndingAsync(CancellationToken stop = default)
    {
        stop.ThrowIfCancellationRequested();
        lock (_gate) return Task.FromResult(_reigning is null ? _ending : null);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<CoordinatorRecord?> WatchAsync([EnumeratorCancellation] CancellationToken stop = default)
    {
        CoordinatorRecord? last = null;
        for (var first = true; ; first = false)
        {
            CoordinatorRecord? now;
            Task changed;
            lock (_gate) (now, changed) = (_reigning, _changed.Task);
            if (first || now != last) yield return last = now;
            await changed.WaitAsync(stop).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_leadership is { } leadership) await leadership.ResignAsync().ConfigureAwait(false);
    }

    void Change(CoordinatorRecord? reigning)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _reigning = reigning;
            if (reigning is not null) _ending = null;
            (changed, _changed) = (_changed, NewSignal());
        }

        changed.SetResult();
    }

    static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    sealed class Leadership : ILeadership
    {
        readonly EmbeddedRegistry _registry;
        readonly Candidate _candidate;
        long _term;
        int _resigned;

        public Leadership(EmbeddedRegistry registry, Candidate candidate)
        {
            (_registry, _candidate) = (registry, candidate);
            Begin();
        }

        public Term Term => new(Volatile.Read(ref _term));

        public bool IsValid => Volatile.Read(ref _resigned) == 0;

        public CancellationToken Lost => CancellationToken.None;

        public string? LossReason => null;

        public Task<Term> NextTermAsync(CancellationToken stop = default)
        {
            stop.ThrowIfCancellationRequested();
            if (!IsValid) throw new LeadershipLostException("the coordinator has resigned");
            Begin();
            return Task.FromResult(Term);
        }

        public Task LeaveWordAsync(string how, bool failed, CancellationToken stop = default)
        {
            stop.ThrowIfCancellationRequested();
            if (!IsValid) throw new LeadershipLostException("the coordinator has resigned");
            lock (_registry._gate) _registry._ending = new RunEnding(Term, how, failed);
            return Task.CompletedTask;
        }

        public Task ResignAsync()
        {
            if (Interlocked.Exchange(ref _resigned, 1) != 0) return Task.CompletedTask;
            _registry.Change(null);
            _registry._throne.Release();
            return Task.CompletedTask;
        }

        public async ValueTask DisposeAsync() => await ResignAsync().ConfigureAwait(false);

        void Begin()
        {
            var term = _registry.NextTerm();
            Volatile.Write(ref _term, term.Value);
            _registry.Change(new CoordinatorRecord(term, _candidate.Name, _candidate.Endpoint));
        }
    }

    Term NextTerm() => nextTerm();
}
