using System.Text.Json;
using LstmCluster.Actors;
using LstmCluster.Compute.Cpu;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>A run with its keeper in the simulator, in a directory of the real disk.</summary>
sealed class GenerationRun : ITrainingObserver, IDisposable
{
    readonly SimulatedRuntime _runtime;
    readonly List<TrainingEvent> _events = [];
    readonly Job _job;
    readonly MetricsLog _metrics;
    ActorRef? _coordinator;
    TrainingEvent? _ended;

    public GenerationRun(string path, Job job, ulong seed)
    {
        (Path, _job, _runtime) = (path, job, new SimulatedRuntime(seed));
        var terms = new RunTerms(Files, path);
        _metrics = new MetricsLog(System.IO.Path.Combine(path, "metrics.jsonl"), failure => throw new InvalidOperationException(failure), own => terms.Highest() <= own);
        var recorder = _runtime.Spawn("recorder", () => new Recorder([_metrics, this], end => _ended = end));
        Keeper = recorder;
        Start = () =>
        {
            var term = terms.BeginNext();
            Keeper = _runtime.Spawn("run", () => new RunKeeper(new Spy(this, Generations()), term, keeper => new EmbeddedReign(terms, term, keeper), recorder));
        };
    }

    public string Path { get; }

    public DiskRunFiles Files { get; } = new();

    public PayloadPool Pool { get; } = new();

    public ActorRef Keeper { get; private set; }

    Action Start { get; set; }

    public string Story => string.Join('\n', _events.TakeLast(30).Select(happened => happened.ToJson()));

    /// <summary>Term of each generation.</summary>
    public IReadOnlyList<long> Terms => [.. _events.OfType<RunStarted>().Select(started => started.Term), .. _events.OfType<RunRestarted>().Select(restarted => restarted.Term)];

    /// <summary>Steps in metrics.jsonl.</summary>
    public IReadOnlyList<long> MetricSteps =>
        [.. File.ReadLines(System.IO.Path.Combine(Path, "metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).Where(e => e.GetProperty("event").GetString() == "step").Select(e => e.GetProperty("step").GetInt64())];

    /// <summary>The run is asked to stop as soon as this has happened; null for never.</summary>
    public Predicate<TrainingEvent>? StopsUpon { get; init; }

    public IReadOnlyList<TrainingEvent> Events => _events;

    public void On(TrainingEvent happened)
    {
        _events.Add(happened);
        if (StopsUpon?.Invoke(happened) == true) _runtime.Send(Keeper, new StopTraining());
    }

    public CheckpointGenerations Generations()
    {
        var data = TinyJob.Data(_job);
        return new CheckpointGenerations(new GenerationSettings
        {
            Run = Path,
            Job = _job,
            Data = data,
            Model = ModelMapping.Of(_job, data.Encoding),
            Files = Files,
            Pool = Pool,
            Devices = [CpuDevice.Create, CpuDevice.Create],
            Send = _runtime.Send,
        });
    }

    /// <summary>Lets so many things happen, then crashes the coordinator with all below it.</summary>
    public void KillCoordinatorAfter(int turns)
    {
        Begin();
        for (var turn = 0; turn < turns && _ended is null; turn++) _runtime.Step();
        if (_ended is null && _coordinator is { } living) _runtime.Kill(living);
    }

    public TrainingEvent RunToEnd()
    {
        Begin();
        _runtime.RunUntil(() => _ended is not null || _runtime.Failure.IsCompleted, TimeSpan.FromHours(1));
        return _ended ?? throw new InvalidOperationException($"the runtime failed\n{Story}", _runtime.Failure.Result);
    }

    public void Dispose()
    {
        _runtime.DisposeAsync().AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        _metrics.Dispose();
        Pool.Dispose();
    }

    void Begin()
    {
        Start();
        Start = () => { };
    }

    /// <summary>The real generations, of which the living coordinator's address is known.</summary>
    sealed class Spy(GenerationRun run, CheckpointGenerations generations) : IGenerations
    {
        public Generation Begin(Term term, ActorRef keeper)
        {
            var begun = generations.Begin(term, keeper);
            return new Generation(begun.Start, () => new Watched(run, begun.CreateCoordinator()), begun.Events, begun.Dispose);
        }

        public string? NewestCheckpoint() => generations.NewestCheckpoint();
    }

    sealed class Watched(GenerationRun run, IActor coordinator) : IActor, IDisposable
    {
        public ValueTask StartedAsync(IActorContext context)
        {
            run._coordinator = context.Self;
            return coordinator.StartedAsync(context);
        }

        public ValueTask ReceiveAsync(Message message, IActorContext context) => coordinator.ReceiveAsync(message, context);

        public void Dispose()
        {
            run._coordinator = null;
            ((IDisposable)coordinator).Dispose();
        }
    }
}
