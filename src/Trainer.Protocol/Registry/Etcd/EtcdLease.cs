namespace LstmCluster.Protocol;

/// <summary>A lease of etcd: what is put with it is gone when it ends.</summary>
sealed class EtcdLease
{
    readonly EtcdGateway _gateway;
    readonly RegistryOptions _options;

    EtcdLease(EtcdGateway gateway, RegistryOptions options, long id, LeaseClock clock) => (_gateway, _options, Id, Clock) = (gateway, options, id, clock);

    public long Id { get; }

    /// <summary>Until when it is held for certain.</summary>
    public LeaseClock Clock { get; }

    /// <summary>Takes a new lease. One whose answer is lost ends by itself.</summary>
    public static async Task<EtcdLease> GrantAsync(EtcdGateway gateway, RegistryOptions options, CancellationToken stop)
    {
        var sent = options.TimeProvider.GetTimestamp();
        var request = new LeaseGrantRequest((long)options.LeaseTime.TotalSeconds);
        var answer = await gateway.AskAsync<LeaseAnswer>(
            "lease/grant", request, answer => answer.Id != 0 && answer.SecondsToLive > 0, options.WriteLimit, stop).ConfigureAwait(false);
        return new EtcdLease(gateway, options, answer.Id, new LeaseClock(options.TimeProvider, sent, Granted(answer)));
    }

    /// <summary>Asks etcd to count from anew.</summary>
    /// <returns>From when and for how long; null when the lease has ended.</returns>
    public async Task<(long Sent, TimeSpan Granted)?> KeepAliveAsync(CancellationToken stop)
    {
        var sent = _options.TimeProvider.GetTimestamp();
        var answer = await _gateway.AskAsync<LeaseAnswer>(
            "lease/keepalive", new LeaseRequest(Id), answer => answer.Id == Id, _options.ReadLimit, stop).ConfigureAwait(false);
        return answer.SecondsToLive > 0 ? (sent, Granted(answer)) : null;
    }

    /// <summary>Ends the lease. One that cannot be ended because etcd is away ends by itself.</summary>
    public async Task RevokeAsync()
    {
        Clock.End();
        try
        {
            await _gateway.AskAsync<LeaseRevokeAnswer>("lease/revoke", new LeaseRequest(Id), _ => true, _options.ReadLimit, CancellationToken.None).ConfigureAwait(false);
        }
        catch (EtcdRefusedException refusal) when (refusal.IsNotFound)
        {
            // It has ended already.
        }
        catch (RegistryException failure)
        {
            _options.Log($"the lease could not be given back and will run out by itself: {failure.Message}");
        }
    }

    static TimeSpan Granted(LeaseAnswer answer) => TimeSpan.FromSeconds(Math.Min(answer.SecondsToLive, int.MaxValue));
}
