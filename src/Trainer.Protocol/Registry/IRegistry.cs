namespace LstmCluster.Protocol;

/// <summary>
/// Who is coordinator of a run: standbys campaign here for its next reign, workers and parameter servers find the reigning one. Open one with
/// <see cref="RegistryAddress.Open"/>. Safe for use by several threads; disposing it resigns what was won through it.
/// </summary>
public interface IRegistry : IAsyncDisposable
{
    /// <summary>Waits until the candidate is coordinator, for ever if need be; a registry that is away is waited for and said in the log.</summary>
    /// <param name="candidate">Who campaigns.</param>
    /// <param name="stop">Gives the campaign up.</param>
    /// <returns>The leadership, valid when it is returned.</returns>
    /// <exception cref="RegistryException">The registry refuses in a way that waiting does not help.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    Task<ILeadership> CampaignAsync(Candidate candidate, CancellationToken stop = default);

    /// <summary>Looks once.</summary>
    /// <param name="stop">Ends the look.</param>
    /// <returns>The reigning coordinator; null when there is none.</returns>
    /// <exception cref="RegistryUnavailableException">The registry does not answer.</exception>
    /// <exception cref="RegistryException">It refuses, or holds what is no coordinator's entry.</exception>
    Task<CoordinatorRecord?> FindAsync(CancellationToken stop = default);

    /// <summary>Looks once how the run has ended.</summary>
    /// <param name="stop">Ends the look.</param>
    /// <returns>What the last coordinator has left word of; null while somebody leads, or when it left none and may be followed by another one.</returns>
    /// <exception cref="RegistryUnavailableException">The registry does not answer.</exception>
    /// <exception cref="RegistryException">It refuses, or holds what is no entry of a run.</exception>
    Task<RunEnding?> FindEndingAsync(CancellationToken stop = default);

    /// <summary>
    /// The reigning coordinator (null while there is none) as soon as the registry answers, and again after each change. Reigns shorter than a look may be left
    /// out, the last one never. A registry that is away ends nothing: what was last seen stands until it answers again.
    /// </summary>
    /// <param name="stop">Ends the watch.</param>
    /// <exception cref="RegistryException">The registry refuses, or holds what is no coordinator's entry.</exception>
    IAsyncEnumerable<CoordinatorRecord?> WatchAsync(CancellationToken stop = default);
}
