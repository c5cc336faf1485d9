using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>A machine with a worker process: finds the coordinator, starts a host, and again for as long as the run has not ended, as <see cref="HostProcess"/> does.</summary>
/// <param name="world">What all share.</param>
/// <param name="name">Name of the machine.</param>
/// <param name="coordinator">Name of the machine with the coordinator.</param>
/// <param name="slots">Workers of the process.</param>
sealed class WorkerMachine(World world, string name, string coordinator, int slots) : Machine(world, name)
{
    /// <summary>As in <see cref="HostProcess"/>.</summary>
    static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc/>
    protected override void Begin(SimulatedProcess process)
    {
        var life = new Life(World, process, new WorkerSlots(Name, [.. Enumerable.Repeat<Func<IDevice>>(CpuDevice.Create, slots)]), Over);
        life.Connection = process.Connect(coordinator, _ => life.Look());
    }

    void Over(SimulatedProcess process, HostEndKind kind)
    {
        if (kind == HostEndKind.RunEnded) Finish(process);
        else Exit(process);
    }

    /// <summary>One start of the process.</summary>
    sealed class Life(World world, SimulatedProcess process, WorkerSlots slots, Action<SimulatedProcess, HostEndKind> over)
    {
        readonly TermGate _terms = new();
        int _hosts;
        bool _isLooking, _hasHost;

        public SimulatedConnection? Connection { get; set; }

        public void Look()
        {
            if (_hasHost || _isLooking || Connection?.Peer is null) return;
            _isLooking = true;
            Connection.Resolve(ActorNames.CoordinatorPath, found =>
            {
                _isLooking = false;
                if (found is not null) Begin(found);
                else process.After(LookInterval, Look);
            });
        }

        void Begin(ActorRef found)
        {
            _hasHost = true;
            var start = new HostStart(found, world.Pool, Ended) { Terms = _terms };
            var name = FormattableString.Invariant($"host-{++_hosts}");
            process.Spawn(
                name, world.Tap.Around(name, () => new WorkerHost(start, slots, _ => world.Job.Model)),
                new ActorOptions { Supervision = Supervision.EscalateOnFailure });
        }

        void Ended(HostEnd end)
        {
            _hasHost = false;
            if (!process.IsAlive) return;
            if (end.Kind == HostEndKind.Lost) process.After(TimeSpan.Zero, Look);
            else over(process, end.Kind);
        }
    }
}
