using LstmCluster.Actors;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>A machine with a process that takes part in the run of another one, as <see cref="HostProcess"/> does.</summary>
/// <param name="world">What all share.</param>
/// <param name="name">Name of the machine.</param>
/// <param name="coordinator">Name of the machine with the coordinator.</param>
abstract class HostMachine(World world, string name, string coordinator) : Machine(world, name)
{
    /// <summary>Where others reach the process, which in a simulation is its name; null where nobody has to.</summary>
    protected abstract string? Endpoint { get; }

    /// <summary>Makes what serves one coordinator.</summary>
    protected abstract IActor Host(HostStart start);

    /// <inheritdoc/>
    protected override void Begin(SimulatedProcess process) =>
        new HostLife(World, process, Endpoint, Host, kind => Over(process, kind)).Follow(coordinator);

    void Over(SimulatedProcess process, HostEndKind kind)
    {
        if (kind == HostEndKind.RunEnded) Finish(process);
        else Exit(process);
    }
}
