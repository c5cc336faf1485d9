using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>A machine with the coordinator's process: begins the run or goes on with it, as <see cref="TrainingRun"/> does.</summary>
/// <param name="world">What all share.</param>
/// <param name="name">Name of the machine.</param>
/// <param name="told">Hears what the run tells.</param>
sealed class CoordinatorMachine(World world, string name, Action<TrainingEvent> told) : Machine(world, name)
{
    // What the process of the moment holds; it goes with the process.
    Action? _release;

    /// <inheritdoc/>
    protected override void Begin(SimulatedProcess process)
    {
        try
        {
            Open(process);
        }
        catch (IOException)
        {
            // It ends with one line for people: the run directory cannot be used.
            World.Counts.Add("starts refused by the disk");
            Exit(process);
        }
    }

    /// <inheritdoc/>
    protected override void End(SimulatedProcess process)
    {
        _release?.Invoke();
        _release = null;
    }

    void Open(SimulatedProcess process)
    {
        var owner = process.Id.ToString();
        var own = new OwnedFiles(World.Disk, owner, World.Directory);
        var files = World.Tap.Mutation?.Wrap(own) ?? own;
        files.CreateDirectory(World.Run);
        files.FlushDirectory(Path.GetDirectoryName(World.Run)!);
        var terms = new RunTerms(files, World.Run);
        var isNew = terms.Highest() == default;
        var generations = new CheckpointGenerations(new GenerationSettings
        {
            Run = World.Run,
            Job = World.Job.Job,
            Data = World.Job.Data,
            Model = World.Job.Model,
            Files = files,
            Pool = World.Pool,
            Devices = [],
            ParameterServers = World.Shape.ParameterServers,
            ParameterServerProcesses = World.Shape.ParameterServerProcesses,
            Slices = World.Shape.Slices,
            Send = process.Send,
            Package = World.Job.Package,
        });
        _release = generations.Dispose;
        if (!isNew) generations.Verify();
        var term = terms.BeginNext();
        World.Directory.Begun(owner, term.Value);
        var recorder = process.Spawn("recorder", World.Tap.Around("recorder", () => new Recorder([new Listener(told)], end => Over(process, end))), Escalating);
        process.Spawn(
            ActorNames.Run,
            World.Tap.Around(ActorNames.Run, () => new RunKeeper(generations, term, keeper => new WatchedReign(new EmbeddedReign(terms, term, keeper), terms, owner, World.Directory), recorder, generations.Attendance)),
            Escalating);
    }

    static ActorOptions Escalating => new() { Supervision = Supervision.EscalateOnFailure };

    void Over(SimulatedProcess process, TrainingEvent end)
    {
        if (end is RunFinished) Finish(process);
        else Exit(process);
    }

    sealed class Listener(Action<TrainingEvent> told) : ITrainingObserver
    {
        public void On(TrainingEvent happened) => told(happened);
    }
}
