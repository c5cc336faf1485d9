using System.Diagnostics;

namespace LstmCluster.Protocol;

/// <summary>What processes that join a run wait for.</summary>
public static class RegistryWaits
{
    /// <summary>Waits for a coordinator, for ever if need be.</summary>
    /// <param name="registry">Where to look.</param>
    /// <param name="atLeast">The lowest term that will do: the highest that this process has seen.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="RegistryException">The registry refuses, or holds what is no coordinator's entry.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public static async Task<CoordinatorRecord> WaitForCoordinatorAsync(this IRegistry registry, Term atLeast, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(registry);
        await foreach (var record in registry.WatchAsync(stop).ConfigureAwait(false))
            if (record is not null && record.Term >= atLeast) return record;
        throw new UnreachableException("a watch ends by an exception only");
    }
}
