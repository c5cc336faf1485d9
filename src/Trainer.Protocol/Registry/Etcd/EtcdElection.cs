namespace LstmCluster.Protocol;

/// <summary>
/// A campaign: looks until nobody leads, takes a lease and tries to take the lead with it. A standby thus has nothing in etcd that it would have to keep alive.
/// </summary>
sealed class EtcdElection(EtcdGateway gateway, RunEntry entry, Availability availability, RegistryOptions options)
{
    /// <summary>The longest wait while etcd is away: short enough for a standby to take over soon after it is back.</summary>
    static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(1);

    readonly RegistryDelay _delay = new(options, s_longestDelay);

    public async Task<EtcdLeadership> WinAsync(Candidate candidate, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                var state = await entry.ReadAsync(options.ReadLimit, stop).ConfigureAwait(false);
                availability.Answered();
                if (state.Coordinator is null && await StandAsync(candidate, state, stop).ConfigureAwait(false) is { } leadership) return leadership;
                await _delay.AfterAnswerAsync(options.PollInterval, stop).ConfigureAwait(false);
            }
            catch (RegistryUnavailableException away)
            {
                availability.Away(away);
                await _delay.AfterFailureAsync(stop).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Tries once, with a lease of its own.</summary>
    /// <returns>Null when somebody else was faster, or etcd too slow for the lease.</returns>
    async Task<EtcdLeadership?> StandAsync(Candidate candidate, RunState state, CancellationToken stop)
    {
        var lease = await EtcdLease.GrantAsync(gateway, options, stop).ConfigureAwait(false);
        CoordinatorRecord? won = null;
        try
        {
            won = await TakeLeadAsync(candidate, state, lease, stop).ConfigureAwait(false);
        }
        finally
        {
            if (won is null) await lease.RevokeAsync().ConfigureAwait(false);
        }

        return won is null ? null : new EtcdLeadership(lease, entry, availability, options, won);
    }

    async Task<CoordinatorRecord?> TakeLeadAsync(Candidate candidate, RunState state, EtcdLease lease, CancellationToken stop)
    {
        while (lease.Clock.IsValid)
        {
            // The lead is this candidate's already when it was taken by an attempt whose answer was lost.
            if (state.Coordinator is not null) return state.Coordinator.Lease == lease.Id ? state.Record : null;

            var record = new CoordinatorRecord(state.NextTerm(options.HighestTermKnown()), candidate.Name, candidate.Endpoint);
            try
            {
                var changed = await entry.LeadAsync(state, record, lease.Id, options.WriteLimit, stop).ConfigureAwait(false);
                if (changed is null) return lease.Clock.IsValid ? record : null;
                state = changed;
            }
            catch (RegistryUnavailableException away)
            {
                // Whether it was done nobody knows; the same transaction again does nothing twice and tells.
                availability.Away(away);
                await _delay.AfterFailureAsync(stop).ConfigureAwait(false);
            }
            catch (EtcdRefusedException refusal) when (refusal.IsNotFound)
            {
                // The lease has ended.
                return null;
            }
        }

        return null;
    }
}
