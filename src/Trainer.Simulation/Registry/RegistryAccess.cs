using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Simulation;

/// <summary>A process's way to the registry: production's own client of etcd, on the process's clock and over a simulated network.</summary>
/// <remarks>
/// That client is written with tasks. Here each of them goes on within the event that it waits for, on the simulation's thread, since nothing in it asks for another one; a task that leaves the
/// thread all the same is found (<see cref="World.RequireThread"/>). One kind may: a leadership that has ended cancels what it waits for, and what is left of it goes on elsewhere, to give its lease back. There it waits
/// for ever, and the simulator gives the lease back when the process ends (<see cref="SimulatedEtcd.Revoke"/>).
/// </remarks>
sealed class RegistryAccess
{
    /// <param name="world">What all share.</param>
    /// <param name="process">The process.</param>
    /// <param name="highestTermKnown">Reads the run directory's term; null for a process that is no candidate.</param>
    public RegistryAccess(World world, SimulatedProcess process, Func<Term>? highestTermKnown = null)
    {
        var jitter = new Dice(world.Options.Seed, $"jitter of {process.Id}");
        TimeProvider time = new VirtualTime(world, process, Turn);
        void Turn(Action action)
        {
            world.RequireThread();
            action();
            AfterTurn?.Invoke();
        }

        Registry = SimulatedEtcd.Address.Open(new RegistryOptions
        {
            HighestTermKnown = highestTermKnown ?? (() => default),
            TimeProvider = world.Tap.Mutation?.Clock(time) ?? time,
            Draw = () => jitter.Between(0, 1),
            Handler = new EtcdWay(world, process, Turn),
        });
    }

    /// <summary>The client.</summary>
    public IRegistry Registry { get; }

    /// <summary>Called whenever something of the client has gone on.</summary>
    public event Action? AfterTurn;
}
