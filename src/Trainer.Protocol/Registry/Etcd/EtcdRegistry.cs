using System.Runtime.CompilerServices;

namespace LstmCluster.Protocol;

/// <summary>
/// The registry in etcd, through its JSON gateway. Changes are found by looking at <see cref="RegistryOptions.PollInterval"/> rather than by etcd's watch: each look has a
/// limit of its own, goes to another node when one is dead, and is confirmed by most of them, whereas a watch on a node that died or was cut off is silent, as it is
/// when nothing happens. A process looks only until it has found its coordinator, so looks are few.
/// </summary>
sealed class EtcdRegistry : IRegistry
{
    /// <summary>The longest wait between looks while etcd is away.</summary>
    static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(1);

    readonly RegistryOptions _options;
    readonly EtcdGateway _gateway;
    readonly RunEntry _entry;
    readonly Availability _availability;
    readonly List<EtcdLeadership> _leaderships = [];

    public EtcdRegistry(EtcdAddress address, RegistryOptions options)
    {
        _options = options;
        _gateway = new EtcdGateway(address, options);
        _entry = new RunEntry(_gateway, address.Name);
        _availability = new Availability(options.Log);
    }

    public async Task<ILeadership> CampaignAsync(Candidate candidate, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        var leadership = await new EtcdElection(_gateway, _entry, _availability, _options).WinAsync(candidate, stop).ConfigureAwait(false);
        lock (_leaderships)
        {
            _leaderships.RemoveAll(past => past.IsOver);
            _leaderships.Add(leadership);
        }

        return leadership;
    }

    public async Task<CoordinatorRecord?> FindAsync(CancellationToken stop = default) =>
        (await _entry.ReadAsync(_options.ReadLimit, stop).ConfigureAwait(false)).Record;

    public async Task<RunEnding?> FindEndingAsync(CancellationToken stop = default) =>
        (await _entry.ReadAsync(_options.ReadLimit, stop).ConfigureAwait(false)).Ending;

    public async IAsyncEnumerable<CoordinatorRecord?> WatchAsync([EnumeratorCancellation] CancellationToken stop = default)
    {
        var delay = new RegistryDelay(_options, s_longestDelay);
        CoordinatorRecord? last = null;
        var first = true;
        while (true)
        {
            var (answered, now) = await LookAsync(stop).ConfigureAwait(false);
            if (answered && (first || now != last))
            {
                first = false;
                yield return last = now;
            }

            await (answered ? delay.AfterAnswerAsync(_options.PollInterval, stop) : delay.AfterFailureAsync(stop)).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        List<EtcdLeadership> leaderships;
        lock (_leaderships) leaderships = [.. _leaderships];
        foreach (var leadership in leaderships) await leadership.DisposeAsync().ConfigureAwait(false);
        _gateway.Dispose();
    }

    async Task<(bool Answered, CoordinatorRecord? Now)> LookAsync(CancellationToken stop)
    {
        try
        {
            var now = await FindAsync(stop).ConfigureAwait(false);
            _availability.Answered();
            return (true, now);
        }
        catch (RegistryUnavailableException away)
        {
            _availability.Away(away);
            return (false, null);
        }
    }
}
