using System.Diagnostics;
using System.Globalization;
using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>Runs a job on a simulated cluster of any size, with the real coordinator, parameter servers and workers, and says how long its steps take.</summary>
/// <remarks>
/// Only the numbers are not there: a message has the size, and a computation the time, that the model of the options would have (<see cref="ScaleModel"/>). Nothing
/// goes wrong, and no checkpoints are written.
/// </remarks>
public sealed class ScaleRun : IDisposable
{
    const string CoordinatorName = "coordinator";

    static readonly Term s_term = new(1);

    readonly ScaleOptions _options;
    readonly ScaleModel _model;
    readonly SimulatedRuntime _runtime;
    readonly SimulatedCluster _cluster;
    readonly PayloadPool _pool = new();
    readonly Payload<float> _zeros;
    readonly ShardTree _tree;
    readonly List<ParameterServerAddress> _servers = [];
    readonly List<double> _steps = [];
    ActorRef _coordinator = null!;
    TrainingEvent? _end;
    bool _isDisposed;

    /// <summary>Prepares a cluster.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The options make none.</exception>
    public ScaleRun(ScaleOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _model) = (options, new ScaleModel(options));
        _runtime = new SimulatedRuntime(options.Seed, new ScaleCosts(_model)) { MaxStepsPerInstant = long.MaxValue };

        // Batches wait for the coordinator's link like everything that has a size.
        _cluster = new SimulatedCluster(_runtime, new ClusterOptions { BytesOf = _model.BytesOf, UrgentBytes = 1024 })
        {
            Faults = new NetworkFaults { Latency = new LinkLatency { Minimum = options.Latency } },
        };
        _tree = new ShardTree(_model.Shards);
        _zeros = _pool.Rent<float>(Math.Min(_model.Length, GradientNorm.BlockLength));
        _zeros.Span.Clear();
    }

    /// <summary>Runs one cluster.</summary>
    public static ScaleResult Run(ScaleOptions options)
    {
        using var run = new ScaleRun(options);
        return run.RunToEnd();
    }

    /// <summary>Runs until the job is done. To be called once.</summary>
    public ScaleResult RunToEnd()
    {
        var clock = Stopwatch.StartNew();
        var limit = TimeSpan.FromSeconds(Math.Min(1e9, 60 + (20 * (_options.Steps + 2) * _model.StepSeconds)));
        StartCoordinator();
        for (var server = 0; server < _model.Servers; server++) StartServer(server);
        _runtime.RunUntil(() => _end is not null || _servers.Count == _model.Servers, limit);

        // That all are there is still on its way to the coordinator.
        _runtime.RunFor(TimeSpan.FromSeconds(1));
        _servers.Sort((a, b) => a.Slice.Offset.CompareTo(b.Slice.Offset));
        for (var worker = 0; worker < _options.Workers; worker++) StartWorker(worker);
        _runtime.RunUntil(() => _end is not null, limit);
        return Result(clock);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _runtime.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _zeros.Release();
        _pool.Dispose();
    }

    void StartCoordinator()
    {
        var process = Start(CoordinatorName);
        var wide = new ActorOptions { MailboxCapacity = MailboxRoom.OfCoordinator, Supervision = Supervision.EscalateOnFailure };
        var recorder = process.Spawn("recorder", () => new Recorder([new Listener(this)], end => _end = end), wide);
        _coordinator = process.Spawn(CoordinatorName, () => Coordinator(recorder), wide);
    }

    Coordinator Coordinator(ActorRef recorder)
    {
        // No wait is to end because the cluster is large: what is asked here is how long a step takes when nothing is lost.
        var patience = TimeSpan.FromSeconds(Math.Min(1e8, 60 + (10 * _model.StepSeconds)));
        var plan = new TrainingPlan(
            "nowhere", _options.Steps, _model.Shards, 0.1, new ConstantSchedule(), new NoClip(), new CheckpointBySteps(int.MaxValue), ValidateEvery: 0,
            double.MaxValue, ShardTimeout: patience * 10)
        {
            Term = s_term,
            MinWorkers = _options.Workers,
            TakesRemoteWorkers = true,
            ParameterServers = 0,
            ParameterServerProcesses = _model.Servers,
            Slices = _model.Slices,
            Waits = new WaitLimits
            {
                Look = patience / 40,
                LeastSlow = patience,
                LeastRepeat = patience,
                FirstRepeat = patience,
                Sum = patience,
                Apply = patience,
                Serve = patience,
                ParameterServer = patience * 10,
                Snapshot = patience,
                SnapshotInAll = patience * 10,
                Checkpointer = patience,
            },
        };
        var weights = _pool.Rent<float>(_model.Length);
        weights.Span.Clear();
        var start = new ParameterStart(new ParameterRange(0, _model.Length), new WeightVersion(0), weights, []);
        var crew = new CoordinatorCrew(
            start, (_, _) => throw new InvalidOperationException("parameter servers are processes of their own"), coordinator => new NoCheckpoints(coordinator), [], recorder)
        {
            Job = () => _pool.Copy<byte>([0]),
        };
        return new Coordinator(
            plan, new ModelledSource(_options.TokensPerShard), crew, new Step(0), new DataPosition(0, 0), new CarriedStates(_model.Shards));
    }

    void StartServer(int index)
    {
        var process = Start(string.Create(CultureInfo.InvariantCulture, $"p{index}"));
        process.Connect(CoordinatorName, _ => process.Spawn("host", () => new ScaleServer(_coordinator, _tree, _pool, _servers.Add)));
    }

    void StartWorker(int index)
    {
        var process = Start(string.Create(CultureInfo.InvariantCulture, $"w{index}"));
        var missing = _servers.Count + 1;
        process.Connect(CoordinatorName, Connected);
        for (var server = 0; server < _servers.Count; server++) process.Connect(string.Create(CultureInfo.InvariantCulture, $"p{server}"), Connected);

        void Connected(SimulatedConnection connection)
        {
            if (--missing > 0) return;
            var contact = new RunContact(_coordinator, _servers, s_term) { WeightsWait = TimeSpan.FromSeconds(60 + (10 * _model.StepSeconds)) };
            process.Spawn("worker", () => new Worker(
                new ModelledCompute(_model.Length, _tree, _options.TokensPerShard, _zeros), new ModelledWeights(_model.Length, _servers.Count, _pool), contact));
        }
    }

    SimulatedProcess Start(string name) => _cluster.Start(name, new ProcessOptions { BytesPerSecond = _options.BytesPerSecond, Ended = Ended });

    void Ended(ProcessEnd end)
    {
        if (end.Kind == ProcessEndKind.Failed && _end is null)
            _end = new RunFailed(_steps.Count, $"{end.Process.Name}: {end.Failure?.Message}", Checkpoint: null);
    }

    ScaleResult Result(Stopwatch clock)
    {
        var seconds = _steps.Count > 1 ? (_steps[^1] - _steps[0]) / (_steps.Count - 1) : _steps.Count == 1 ? _steps[0] : 0;
        return new ScaleResult
        {
            Options = _options,
            ParameterServers = _model.Servers,
            Steps = _steps.Count,
            StepSeconds = seconds,
            TokensPerSecond = seconds > 0 ? (double)_model.Shards * _options.TokensPerShard / seconds : 0,
            ComputeSeconds = _model.SecondsPerShard * Math.Ceiling((double)_model.Shards / _options.Workers),
            ExchangeSeconds = _model.ExchangeSeconds,
            Messages = _cluster.Statistics.Sent,
            Bytes = _cluster.Statistics.Bytes,
            RealSeconds = clock.Elapsed.TotalSeconds,
            TraceHash = _runtime.TraceHash,
            Failure = _end is RunFinished ? null : _end?.ToString(),
        };
    }

    sealed class Listener(ScaleRun run) : ITrainingObserver
    {
        public void On(TrainingEvent happened)
        {
            if (happened is StepCompleted step) run._steps.Add(step.Seconds);
        }
    }
}
