using LstmCluster.Actors;
using LstmCluster.Compute.Cpu;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>A machine with a process that keeps a part of the parameters.</summary>
/// <param name="world">What all share.</param>
/// <param name="name">Name of the machine.</param>
/// <param name="coordinator">Name of the machine with the coordinator, where no registry says it.</param>
sealed class ParameterServerMachine(World world, string name, string coordinator) : HostMachine(world, name, coordinator)
{
    /// <inheritdoc/>
    protected override string? Endpoint => Name;

    /// <inheritdoc/>
    protected override IActor Host(HostStart start) => new ParameterServerHost(start, _ => World.Job.Model, CpuDevice.Create);
}
