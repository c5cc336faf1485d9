using System.Globalization;

namespace LstmCluster.Protocol;

/// <summary>
/// The lead of a run that was won with a lease. A renewal is two requests: etcd counts the lease from anew, then most of etcd's nodes confirm that the
/// coordinator's key is still the one of this lease. So a node of etcd that is cut off from the others cannot prolong the belief, nor is a key that
/// somebody deleted by hand overlooked.
/// </summary>
sealed class EtcdLeadership : ILeadership
{
    readonly EtcdLease _lease;
    readonly RunEntry _entry;
    readonly Availability _availability;
    readonly RegistryOptions _options;
    readonly CoordinatorRecord _won;
    readonly Lock _gate = new();
    readonly CancellationTokenSource _lost = new(), _ended = new();
    readonly SemaphoreSlim _oneTermAtATime = new(1, 1);
    readonly ITimer _expiry;
    readonly Task _serving;
    long _term;
    bool _hasEnded;
    string? _lossReason, _lastFailure;
    Task _lossTold = Task.CompletedTask;

    public EtcdLeadership(EtcdLease lease, RunEntry entry, Availability availability, RegistryOptions options, CoordinatorRecord won)
    {
        (_lease, _entry, _availability, _options, _won, _term) = (lease, entry, availability, options, won, won.Term.Value);
        _expiry = options.TimeProvider.CreateTimer(_ => LookAtClock(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        LookAtClock();
        _serving = ServeAsync();
    }

    public Term Term => new(Volatile.Read(ref _term));

    public bool IsValid => _lease.Clock.IsValid;

    public CancellationToken Lost => _lost.Token;

    public string? LossReason => Volatile.Read(ref _lossReason);

    /// <summary>Whether nothing of it is at work any more.</summary>
    public bool IsOver => _serving.IsCompleted;

    public async Task<Term> NextTermAsync(CancellationToken stop = default)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop, _ended.Token);
        try
        {
            await _oneTermAtATime.WaitAsync(ended.Token).ConfigureAwait(false);
            try
            {
                var term = await RaiseTermAsync(ended.Token).ConfigureAwait(false);
                Volatile.Write(ref _term, term.Value);
                return IsValid ? term : throw Gone();
            }
            finally
            {
                _oneTermAtATime.Release();
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw Gone();
        }
    }

    public async Task LeaveWordAsync(string how, bool failed, CancellationToken stop = default)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop, _ended.Token);
        try
        {
            // Once more where a term was begun, or an answer lost, in between.
            var state = await _entry.ReadAsync(_options.ReadLimit, ended.Token).ConfigureAwait(false);
            for (var attempt = 0; state is not null; attempt++)
            {
                if (Deposed(state) is { } reason) End(reason);
                ended.Token.ThrowIfCancellationRequested();
                if (attempt == 3) throw new RegistryUnavailableException("the entry of the run changes all the time");
                state = await _entry.EndAsync(state, new RunEnding(Term, how, failed), _options.WriteLimit, ended.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw Gone();
        }
    }

    public async Task ResignAsync()
    {
        End(lossReason: null);
        await _serving.ConfigureAwait(false);
        await _lossTold.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync() => await ResignAsync().ConfigureAwait(false);

    async Task<Term> RaiseTermAsync(CancellationToken stop)
    {
        var delay = new RegistryDelay(_options, _options.ReadLimit);
        RunState? state = null;
        while (true)
        {
            try
            {
                state ??= await _entry.ReadAsync(_options.ReadLimit, stop).ConfigureAwait(false);
                if (Deposed(state) is { } reason) End(reason);
                stop.ThrowIfCancellationRequested();

                // Raised already, by an attempt whose answer was lost.
                if (state.Record!.Term > Term) return state.Record.Term;
                var record = _won with { Term = state.NextTerm(_options.HighestTermKnown()) };
                state = await _entry.LeadAsync(state, record, _lease.Id, _options.WriteLimit, stop).ConfigureAwait(false);
                if (state is null) return record.Term;
            }
            catch (RegistryUnavailableException away)
            {
                _availability.Away(away);
                await delay.AfterFailureAsync(stop).ConfigureAwait(false);
            }
            catch (EtcdRefusedException refusal) when (refusal.IsNotFound)
            {
                End("its lease has run out");
            }
        }
    }

    async Task ServeAsync()
    {
        try
        {
            await RenewAsync(_ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // Resigned, or lost by the clock.
        }
        catch (Exception failure)
        {
            End($"the registry failed: {failure.Message}");
            if (failure is not RegistryException) throw;
        }
        finally
        {
            await _expiry.DisposeAsync().ConfigureAwait(false);
            await _lease.RevokeAsync().ConfigureAwait(false);
        }
    }

    async Task RenewAsync(CancellationToken stop)
    {
        var delay = new RegistryDelay(_options, _options.ReadLimit);
        await delay.AfterAnswerAsync(_options.RenewalInterval, stop).ConfigureAwait(false);
        while (true)
        {
            try
            {
                if (await RenewOnceAsync(stop).ConfigureAwait(false) is { } reason)
                {
                    End(reason);
                    return;
                }

                Volatile.Write(ref _lastFailure, null);
                _availability.Answered();
                await delay.AfterAnswerAsync(_options.RenewalInterval, stop).ConfigureAwait(false);
            }
            catch (RegistryUnavailableException away)
            {
                Volatile.Write(ref _lastFailure, away.Message);
                _availability.Away(away);
                await delay.AfterFailureAsync(stop).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Renews the lease.</summary>
    /// <returns>Null when it is renewed; otherwise why this is not the leader any more.</returns>
    async Task<string?> RenewOnceAsync(CancellationToken stop)
    {
        if (!IsValid) return NotInTime();
        if (await _lease.KeepAliveAsync(stop).ConfigureAwait(false) is not { } renewal) return "its lease has run out";
        if (Deposed(await _entry.ReadAsync(_options.ReadLimit, stop).ConfigureAwait(false)) is { } reason) return reason;
        return _lease.Clock.Renew(renewal.Sent, renewal.Granted) ? null : NotInTime();
    }

    string? Deposed(RunState state)
    {
        if (state.Coordinator is null) return "its entry is gone from the registry";
        return state.Coordinator.Lease == _lease.Id ? null : $"the coordinator is {state.Record}";
    }

    string NotInTime() => string.Create(
        CultureInfo.InvariantCulture,
        $"its lease of {_options.LeaseTime.TotalSeconds:0.###} s was not renewed in time{(Volatile.Read(ref _lastFailure) is { } failure ? $" ({failure})" : "")}");

    /// <summary>Tells of the loss when the lease has run out, or looks again when it may.</summary>
    void LookAtClock()
    {
        var left = _lease.Clock.Left;
        if (left == TimeSpan.Zero)
        {
            End(NotInTime());
            return;
        }

        // Timers count whole milliseconds; rounding up keeps a last fraction of one from being looked at over and over.
        _expiry.Change(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }

    void End(string? lossReason)
    {
        lock (_gate)
        {
            if (_hasEnded) return;
            _hasEnded = true;
            Volatile.Write(ref _lossReason, lossReason);
        }

        _lease.Clock.End();
        if (lossReason is not null) _lossTold = _lost.CancelAsync();
        _ended.Cancel();
    }

    LeadershipLostException Gone()
    {
        // The clock may have run out before its timer has fired.
        LookAtClock();
        return new LeadershipLostException($"not coordinator any more: {LossReason ?? "it has resigned"}");
    }
}
