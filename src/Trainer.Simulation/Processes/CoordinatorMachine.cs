using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>A machine with a coordinator's process: begins the run or goes on with it, as <see cref="TrainingRun"/> does, once it is elected where there is a registry.</summary>
/// <param name="world">What all share.</param>
/// <param name="name">Name of the machine.</param>
/// <param name="told">Hears what the run tells.</param>
sealed class CoordinatorMachine(World world, string name, Action<TrainingEvent> told) : Machine(world, name)
{
    readonly Dice _reading = new(world.Options.Seed, $"reading of {name}");

    // What the process of the moment holds; it goes with the process.
    Action? _release;
    ILeadership? _leadership;

    /// <inheritdoc/>
    protected override void Begin(SimulatedProcess process)
    {
        var own = new OwnedFiles(World.Disk, process.Id.ToString(), World.Directory);
        var files = World.Tap.Mutation?.Wrap(own) ?? own;
        if (World.Etcd is null) Begin(process, () => Open(process, files));
        else World.Watch(StandAsync(process, files));
    }

    /// <inheritdoc/>
    protected override void End(ProcessEnd end)
    {
        _release?.Invoke();
        _release = null;
        if (_leadership is not { } leadership) return;
        _leadership = null;
        World.Leaders.Ends(end.Process.Id.ToString());
        if (end.Kind == ProcessEndKind.Crashed) return;
        World.Watch(leadership.ResignAsync());
        World.Etcd!.Revoke(Name, end.Process.Id.ToString());
    }

    async Task StandAsync(SimulatedProcess process, IRunFiles files)
    {
        var access = new RegistryAccess(World, process, new RunTerms(files, World.Run).Highest);
        ILeadership leadership;
        try
        {
            leadership = await access.Registry.CampaignAsync(new Candidate(process.Id.ToString(), Name)).ConfigureAwait(false);
        }
        catch (IOException)
        {
            Refuse(process);
            return;
        }

        _leadership = leadership;
        World.Leaders.Begins(process.Id.ToString(), leadership);

        // The data and the newest checkpoint are read, and meanwhile anything may happen.
        process.After(_reading.Span(0.001, 3), () => Begin(process, () => Open(process, files, leadership, access)));
    }

    void Begin(SimulatedProcess process, Action open)
    {
        if (World.IsFinished) return;
        try
        {
            open();
        }
        catch (IOException)
        {
            Refuse(process);
        }
        catch (DeposedException)
        {
            World.Counts.Add("elected and deposed before the start");
            Exit(process);
        }
    }

    /// <summary>The process ends with one line for people: the run directory cannot be used.</summary>
    void Refuse(SimulatedProcess process)
    {
        World.Counts.Add("starts refused by the disk");
        Exit(process);
    }

    void Open(SimulatedProcess process, IRunFiles files)
    {
        var (owner, terms) = (process.Id.ToString(), new RunTerms(files, World.Run));
        var generations = Prepare(process, files, terms, lost: null);
        if (IsOver(process, generations)) return;
        var term = terms.BeginNext();
        World.Directory.Begun(owner, term.Value);
        Start(process, generations, term, keeper => new WatchedReign(new EmbeddedReign(terms, term, keeper), owner, World.Directory));
    }

    void Open(SimulatedProcess process, IRunFiles files, ILeadership leadership, RegistryAccess access)
    {
        Func<string?> lost = () => RegisteredReign.Reason(leadership);
        lost = World.Tap.Mutation?.Lost(lost) ?? lost;
        var terms = new RunTerms(files, World.Run);
        var generations = Prepare(process, files, terms, lost);
        if (IsOver(process, generations)) return;
        var term = leadership.Term;
        new RunFence(terms, term, lost).Check();
        terms.Raise(term);
        Start(process, generations, term, keeper => new SimulatedReign(leadership, access, terms, keeper, World));
    }

    CheckpointGenerations Prepare(SimulatedProcess process, IRunFiles files, RunTerms terms, Func<string?>? lost)
    {
        files.CreateDirectory(World.Run);
        files.FlushDirectory(Path.GetDirectoryName(World.Run)!);
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
            Lost = lost,
        });
        _release = generations.Dispose;
        if (!isNew) generations.Verify();
        return generations;
    }

    void Start(SimulatedProcess process, CheckpointGenerations generations, Term term, Func<ActorRef, IActor> reign)
    {
        var recorder = process.Spawn("recorder", World.Tap.Around("recorder", () => new Recorder([new Listener(told)], end => Over(process, end))), Escalating);
        process.Spawn(ActorNames.Run, World.Tap.Around(ActorNames.Run, () => new RunKeeper(generations, term, reign, recorder, generations.Attendance)), Escalating);
    }

    /// <summary>The one before has done everything, and those who computed have left.</summary>
    bool IsOver(SimulatedProcess process, CheckpointGenerations generations)
    {
        if (generations.FindEnd() is not { } end) return false;
        World.Counts.Add("ends told by the next coordinator");
        told(end);
        Finish(process);
        return true;
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
