using LstmCluster.Actors;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>A machine with a process that takes part in the run of another one, as <see cref="HostProcess"/> does.</summary>
/// <remarks>
/// A process that has heard that the run is done is started again as well, until the run itself has told its end: where a coordinator dies between the two, and the next one cannot
/// read the last checkpoint at that moment, steps are done again.
/// </remarks>
/// <param name="world">What all share.</param>
/// <param name="name">Name of the machine.</param>
/// <param name="coordinator">Name of the machine with the coordinator, where no registry says it.</param>
abstract class HostMachine(World world, string name, string coordinator) : Machine(world, name)
{
    /// <summary>Where others reach the process, which in a simulation is its name; null where nobody has to.</summary>
    protected abstract string? Endpoint { get; }

    /// <summary>Makes what serves one coordinator.</summary>
    protected abstract IActor Host(HostStart start);

    /// <inheritdoc/>
    protected override void Begin(SimulatedProcess process)
    {
        var life = new HostLife(World, process, Endpoint, Host, _ => Exit(process));
        if (World.Etcd is null) life.Follow(coordinator);
        else new CoordinatorFollower(World, process, life.Follow).Begin();
    }
}
