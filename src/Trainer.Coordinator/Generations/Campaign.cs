using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The way of a process to the lead of a run that several processes would lead.</summary>
sealed class Campaign : IAsyncDisposable
{
    /// <summary>An election takes less, unless somebody leads.</summary>
    static readonly TimeSpan SilentTime = TimeSpan.FromSeconds(1);

    /// <summary>For leaving word in the registry: whoever is away and does not find it goes on looking, so it is not worth more.</summary>
    static readonly TimeSpan WordLimit = TimeSpan.FromSeconds(5);

    readonly IRegistry _registry;
    readonly TimeProvider _time;
    readonly Action<string> _log;

    Campaign(IRegistry registry, ILeadership leadership, TimeProvider time, Action<string> log) => (_registry, Leadership, _time, _log) = (registry, leadership, time, log);

    /// <summary>What was won.</summary>
    public ILeadership Leadership { get; }

    /// <summary>Waits until this process leads, for ever if need be.</summary>
    /// <param name="address">The registry.</param>
    /// <param name="candidate">This process.</param>
    /// <param name="run">The run directory, which may not be there yet.</param>
    /// <param name="time">Where time comes from.</param>
    /// <param name="log">Hears, in one line each, what is waited for.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="RegistryException">The registry refuses.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public static async Task<Campaign> WinAsync(
        RegistryAddress address, Candidate candidate, string run, TimeProvider time, Action<string> log, CancellationToken stop)
    {
        var terms = new RunTerms(new DiskRunFiles(), run);
        var registry = address.Open(new RegistryOptions { HighestTermKnown = terms.Highest, Log = log, TimeProvider = time });
        try
        {
            var election = registry.CampaignAsync(candidate, stop);
            if (await Task.WhenAny(election, Task.Delay(SilentTime, time, stop)).ConfigureAwait(false) != election) log(await StandbyAsync(registry, stop).ConfigureAwait(false));
            return new Campaign(registry, await election.ConfigureAwait(false), time, log);
        }
        catch
        {
            await registry.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Leaves word in the registry of how the run has ended, where it has, for those who are away now. A registry that is away does not hear of it.</summary>
    public async Task LeaveWordAsync(TrainingEvent ended)
    {
        if (ended is not (RunFinished or RunFailed)) return;
        using var limit = new CancellationTokenSource(WordLimit, _time);
        try
        {
            var failed = ended as RunFailed;
            await Leadership.LeaveWordAsync(failed is null ? "the run is done" : $"the run failed: {failed.Reason}", failed is not null, limit.Token).ConfigureAwait(false);
        }
        catch (Exception away) when (away is RegistryException or LeadershipLostException or OperationCanceledException)
        {
            _log($"no word of the end could be left in the registry: {away.Message}");
        }
    }

    /// <summary>Resigns.</summary>
    public async ValueTask DisposeAsync()
    {
        await Leadership.DisposeAsync().ConfigureAwait(false);
        await _registry.DisposeAsync().ConfigureAwait(false);
    }

    static async Task<string> StandbyAsync(IRegistry registry, CancellationToken stop)
    {
        try
        {
            return $"standing by: {(await registry.FindAsync(stop).ConfigureAwait(false) is { } leader ? $"the coordinator is {leader}" : "nobody is elected yet")}";
        }
        catch (RegistryUnavailableException away)
        {
            return $"standing by: {away.Message}";
        }
    }
}
