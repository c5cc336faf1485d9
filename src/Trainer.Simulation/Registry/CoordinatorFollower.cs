using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>Finds who reigns by the registry, for as long as a process lives, as <see cref="HostProcess"/> does.</summary>
/// <param name="world">What all share.</param>
/// <param name="process">The process.</param>
/// <param name="follow">Told the machine of each coordinator that reigns elsewhere than the one before.</param>
sealed class CoordinatorFollower(World world, SimulatedProcess process, Action<string> follow)
{
    CoordinatorRecord? _record;

    /// <summary>Begins.</summary>
    public void Begin() => world.Watch(FollowAsync(new RegistryAccess(world, process).Registry));

    async Task FollowAsync(IRegistry registry)
    {
        await foreach (var record in registry.WatchAsync().ConfigureAwait(false))
            if (record is not null) Take(record);
    }

    void Take(CoordinatorRecord record)
    {
        if (_record is not null && record.Term <= _record.Term) return;
        var isElsewhere = record.Endpoint != _record?.Endpoint;
        _record = record;
        if (isElsewhere) follow(record.Endpoint);
    }
}
