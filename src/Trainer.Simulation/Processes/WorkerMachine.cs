using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>A machine with a worker process.</summary>
/// <param name="world">What all share.</param>
/// <param name="name">Name of the machine.</param>
/// <param name="coordinator">Name of the machine with the coordinator, where no registry says it.</param>
/// <param name="slots">Workers of the process.</param>
sealed class WorkerMachine(World world, string name, string coordinator, int slots) : HostMachine(world, name, coordinator)
{
    /// <inheritdoc/>
    protected override string? Endpoint => null;

    /// <inheritdoc/>
    protected override IActor Host(HostStart start) => new WorkerHost(
        start, new WorkerSlots(Name, [.. Enumerable.Repeat<Func<IDevice>>(CpuDevice.Create, slots)]), _ => World.Job.Model);
}
