using LstmCluster.Actors;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>One seed: the production actors of a job as processes of a simulated cluster, first with faults, then without, and every invariant watched all the time.</summary>
public sealed class ClusterSimulation : IDisposable
{
    const string CoordinatorName = "coordinator";
    const int EventsShown = 25;

    readonly World _world;
    readonly List<TrainingEvent> _events = [];
    readonly List<Invariant> _invariants = [];
    readonly List<Machine> _machines = [];
    readonly AlwaysEnds _ends = new();
    readonly NothingIsKept _kept;
    readonly NoForeignFailure _failures = new();
    readonly FaultDriver _faults;
    readonly ReferenceRun? _reference;
    Violation? _violation;
    IReadOnlyList<string> _last = [];
    bool _isOver;

    internal ClusterSimulation(SimulatedJob job, SimulationOptions options, ReferenceRun? reference, IReadOnlyList<IProbe> probes, IMutation? mutation)
    {
        _reference = reference;
        var (plan, pool, disk) = (FaultPlan.Draw(options.Seed, options.Faults), new PayloadPool(), new SimulatedDisk());
        var directory = new DirectoryHasOneTerm();
        var leaders = new OneLeader(directory);
        _kept = new NothingIsKept(pool);
        _invariants.AddRange([directory, leaders, new OneTerm(), _failures, _ends, _kept]);
        if (reference is not null)
            _invariants.AddRange([new EachShardOnce(reference), new ConsecutiveVersions(reference), new SameBits(reference), new WholeCheckpoints(reference, new ReliableFiles(disk), World.Run), new SamplesOnce(reference)]);
        foreach (var invariant in _invariants) invariant.Begin(Report);
        var runtime = new SimulatedRuntime(options.Seed, new WorkCosts(plan, options.Seed));
        _world = new World
        {
            Job = job,
            Options = options,
            Shape = ClusterShape.Draw(options, job.Model.Parameters.Length),
            Plan = plan,
            Runtime = runtime,
            Cluster = new SimulatedCluster(runtime, new ClusterOptions { Copy = new SecondArrival(pool).Of }),
            Pool = pool,
            Tap = new Tap([.. probes, .. _invariants], mutation),
            Observer = _failures,
            Disk = disk,
            Directory = directory,
            Leaders = leaders,
        };
        var shape = _world.Shape;
        if (shape.Standbys > 0) _world.Etcd = new SimulatedEtcd(_world, leaders.Elected);
        for (var coordinator = 0; coordinator <= shape.Standbys; coordinator++)
            _machines.Add(new CoordinatorMachine(_world, coordinator == 0 ? CoordinatorName : FormattableString.Invariant($"{CoordinatorName}-{coordinator}"), Told));
        for (var server = 0; server < shape.ParameterServerProcesses + shape.SpareParameterServers; server++)
            _machines.Add(new ParameterServerMachine(_world, FormattableString.Invariant($"p{server}"), CoordinatorName));
        var slots = new Dice(options.Seed, "slots");
        for (var worker = 0; worker < options.Workers; worker++)
            _machines.Add(new WorkerMachine(_world, FormattableString.Invariant($"w{worker}"), CoordinatorName, reference is null ? 1 : 1 + slots.Choose(2)));
        _faults = new FaultDriver(_world, _machines, () => _invariants.ForEach(invariant => invariant.DiskCrashed()));
    }

    /// <summary>What the run has told, of all its coordinators.</summary>
    public IReadOnlyList<TrainingEvent> Events => _events;

    /// <summary>Runs one seed of a job.</summary>
    /// <param name="reference">The job, run undisturbed.</param>
    /// <param name="options">The seed, and what may go wrong.</param>
    public static SimulationResult Run(ReferenceRun reference, SimulationOptions options)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(options);
        return Run(reference, options, null);
    }

    internal static SimulationResult Run(ReferenceRun reference, SimulationOptions options, IMutation? mutation)
    {
        using var simulation = new ClusterSimulation(reference.Job, options, reference, [], mutation);
        return simulation.RunToEnd();
    }

    /// <summary>Runs until the job is done, an invariant is violated, or the time is over; then all is torn down. To be called once.</summary>
    public SimulationResult RunToEnd()
    {
        var (runtime, plan, surroundings) = (_world.Runtime, _world.Plan, SynchronizationContext.Current);

        // Tasks of the registry's client go on where they are, and nowhere else.
        SynchronizationContext.SetSynchronizationContext(null);
        foreach (var machine in _machines) machine.Start();
        _faults.Begin();
        runtime.After(plan.HealsAfter, Heal);
        try
        {
            runtime.RunUntil(() => _world.IsFinished || _violation is not null, plan.HealsAfter + _world.Options.Limit);
        }
        catch (SimulationException stuck)
        {
            _ends.NotEnded(stuck.Message);
        }

        var time = runtime.Elapsed;
        if (_violation is null) _invariants.ForEach(invariant => invariant.Ended());
        TearDown();
        SynchronizationContext.SetSynchronizationContext(surroundings);
        if (_world.Failure is { } failure) throw new InvalidOperationException($"seed {_world.Options.Seed}: the simulator itself failed: {failure.Message}", failure);
        return new SimulationResult
        {
            Seed = _world.Options.Seed,
            Violation = _violation,
            LastEvents = _last,
            Steps = _events.OfType<StepCompleted>().LongCount(),
            VirtualTime = time,
            Faults = _world.Counts.ByName,
            Restarts = _events.Count(happened => happened is RunStarted or RunRestarted) - 1,
            Messages = _world.Cluster.Statistics.Sent,
            TraceHash = runtime.TraceHash,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        TearDown();
        _world.Pool.Dispose();
    }

    void Heal()
    {
        if (!_world.IsFinished) _faults.Heal();
    }

    void Told(TrainingEvent happened)
    {
        _events.Add(happened);
        foreach (var invariant in _invariants) invariant.Told(happened);
        if (happened is RunFinished) _world.IsFinished = true;
    }

    /// <summary>Stops what still runs. What is held after a violation says nothing.</summary>
    void TearDown()
    {
        if (_isOver) return;
        _isOver = true;
        _world.IsFinished = true;
        _world.Disk.Failure = null;
        var isWell = _violation is null;
        _world.Runtime.DisposeAsync().AsTask().GetAwaiter().GetResult();
        if (isWell) _kept.Check();
    }

    /// <summary>The first one counts: what follows may follow from it.</summary>
    void Report(Invariant invariant, string what)
    {
        if (_violation is not null) return;
        _violation = new Violation(invariant.Name, what, _world.Runtime.Elapsed);
        _last = [.. _events.TakeLast(EventsShown).Select(happened => happened.ToJson()), .. _world.Runtime.TraceTail.TakeLast(EventsShown)];
    }
}
