using System.Net;
using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>How a job is run here; what the job itself does not say.</summary>
public sealed record TrainingRunOptions
{
    /// <summary>The run directory.</summary>
    public required string Run { get; init; }

    /// <summary>True to go on with a run that exists.</summary>
    public bool Resume { get; init; }

    /// <summary>Where workers of other processes can join; port 0 for a free one; null when none can. Without <see cref="Security"/> a loopback address.</summary>
    public IPEndPoint? Listen { get; init; }

    /// <summary>Where others reach what <see cref="Listen"/> listens on, when that is another address; null when it is the same.</summary>
    public EndPoint? Advertise { get; init; }

    /// <summary>Certificates and join token; null when every process is on this machine.</summary>
    public ClusterSecurity? Security { get; init; }

    /// <summary>Workers, of whatever process, that must have joined before the first round.</summary>
    public int MinWorkers { get; init; } = 1;

    /// <summary>One worker of this process for each device; none where workers of others do all.</summary>
    public required IReadOnlyList<Func<IDevice>> Devices { get; init; }

    /// <summary>Where time comes from.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>How data are fetched.</summary>
    public FetchOptions Fetching { get; init; } = new();

    /// <summary>Hears what takes time before training begins.</summary>
    public Action<string>? Progress { get; init; }

    /// <summary>Hears of messages that nobody wanted and of actors that failed; null for nobody.</summary>
    public IActorObserver? ActorObserver { get; init; }
}

/// <summary>A job: the coordinator with parameter server, checkpointer and workers in this process, and a door for workers of others.</summary>
public sealed class TrainingRun : IAsyncDisposable
{
    readonly ThreadRuntime _runtime;
    readonly RunFolder _folder;
    readonly MetricsLog _metrics;
    readonly PayloadPool _pool;
    readonly RunNetwork? _network;
    readonly WeightCache? _weights;
    readonly ActorRef _coordinator;
    readonly TaskCompletionSource<TrainingEvent> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    TrainingRun(Job job, TrainingRunOptions options, IReadOnlyList<ITrainingObserver> observers, JobData data, RunFolder folder, Base ground)
    {
        _folder = folder;
        (_runtime, _pool, _network) = (ground.Runtime, ground.Pool, ground.Network);
        var model = ground.Model;
        var rule = UpdateMapping.Of(job.Training, model.Parameters);
        var content = new CheckpointContent(model.Parameters, rule.StateNames, job.Training.Shards, model.StateSize);
        var refused = new List<string>();
        var files = new DiskRunFiles();
        var store = new CheckpointStore(files, folder.Path, refused.Add);
        var start = folder.IsNew ? null : store.Newest();
        CheckUsable(start, job, data, folder.Path);
        var (state, carried) = start is null
            ? (ParameterState.Initial(Compute.Cpu.CpuDevice.Create(), rule, model.Parameters, job.Seed, _pool), new CarriedStates(job.Training.Shards))
            : (Restored(start, content, rule), content.StateFromTensors(start.State, _pool));
        if (!folder.IsNew) folder.KeepJob(job);
        MetricsLog.CutBackTo(folder.Metrics, start?.Manifest.Step ?? 0);

        ITrainingObserver[] all = [_metrics = new MetricsLog(folder.Metrics, message => Tell(new Noticed(message), observers)), .. observers];
        foreach (var reason in refused) Tell(new CheckpointRefused(reason), all);
        if (start is null && !folder.IsNew) Tell(new Noticed($"{folder.Path} has no checkpoint to go on from: training starts from the beginning"), all);
        Tell(
            new RunStarted(
                folder.Path, job.Name, state.Version.Value, job.Training.Steps, model.Parameters.Length, data.Encoding.Inputs?.Size ?? 0,
                data.TrainingExtent.Tokens, data.ValidationExtent?.Tokens ?? 0, job.Training.Shards, options.Devices.Count)
            {
                TrainingRows = data.TrainingExtent.Rows,
                ValidationRows = data.TrainingExtent.Rows is null ? null : data.ValidationExtent?.Rows ?? 0,
            },
            all);

        _weights = options.Devices is [var first, ..] ? new WeightCache(model, first(), _pool) : null;
        var recorder = _runtime.Spawn("recorder", () => new Recorder(all, happened => _ended.TrySetResult(happened)), Escalating);
        var tree = new ShardTree(job.Training.Shards);
        var crew = new CoordinatorCrew(
            coordinator => new ParameterServer(state, tree, coordinator),
            coordinator => new Checkpointer(store, files, folder.Path, content, Metadata(data), job.Seed, job.Training.Checkpoint.Keep, coordinator),
            [.. options.Devices.Select(device => Worker(device, model, job))],
            recorder)
        {
            ParameterServerSupervision = GoingOnWithout,
            Job = _network is null ? null : () => _pool.Copy<byte>(ground.Package),
            TellsWork = all.OfType<IWorkObserver>().Any(),
        };
        var position = new DataPosition(start?.Manifest.Epoch ?? 0, start?.Manifest.Position ?? 0);
        var source = ShardSource.Of(data, job.Training.Shards, job.Seed, _pool);
        var plan = PlanMapping.Of(job, ModelMapping.Outputs(job, data.Encoding), folder.Path) with
        {
            Parameters = model.Parameters.Length,
            MinWorkers = options.MinWorkers,
            TakesRemoteWorkers = _network is not null,
        };
        if (_network is not null) _runtime.Send(recorder, new Record(new Listening(_network.Address.ToString())));
        _coordinator = _runtime.Spawn(
            CoordinatorName, () => new Coordinator(plan, source, crew, new Step(state.Version.Value), position, carried),
            new ActorOptions { Supervision = GoingOnWithout });
    }

    /// <summary>What there is before the run directory is opened.</summary>
    sealed record Base(ThreadRuntime Runtime, PayloadPool Pool, Model Model, byte[] Package)
    {
        public RunNetwork? Network { get; set; }

        public async ValueTask DisposeAsync()
        {
            await Runtime.DisposeAsync().ConfigureAwait(false);
            if (Network is not null) await Network.DisposeAsync().ConfigureAwait(false);
            Pool.Dispose();
        }
    }

    // Where workers of other processes look for it.
    const string CoordinatorName = WorkerProcess.CoordinatorName;

    /// <summary>A receiver in another process that takes no more is the coordinator's to deal with; anything else ends the run.</summary>
    Supervision GoingOnWithout => new(
        failure =>
        {
            if (failure is not MailboxFullException { RefusedBy: { } receiver }) return Directive.Escalate;
            _runtime.Send(_coordinator, new ReceiverOverrun(receiver, failure.Message));
            return Directive.Resume;
        },
        0, TimeSpan.MaxValue);

    static ActorOptions Escalating => new() { Supervision = Supervision.EscalateOnFailure };

    /// <summary>Begins a job, or goes on with one.</summary>
    /// <param name="job">The job.</param>
    /// <param name="options">How it is run here.</param>
    /// <param name="observers">Who hears of what happens.</param>
    /// <param name="cancellation">Gives up before training begins.</param>
    /// <exception cref="UserErrorException">The data or the run directory cannot be used.</exception>
    public static async Task<TrainingRun> StartAsync(
        Job job, TrainingRunOptions options, IReadOnlyList<ITrainingObserver> observers, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var data = await JobData.LoadAsync(job, options.Fetching, options.Progress, cancellation).ConfigureAwait(false);

        // A rate of no tensor is found before there is a run directory that would have to be cleared away.
        var model = ModelMapping.Of(job, data.Encoding);
        UpdateMapping.Of(job.Training, model.Parameters);
        var package = options.Listen is null ? [] : new JobPackage(job, data.Encoding.ToMetadata()).ToBytes();
        var ground = new Base(new ThreadRuntime(options.TimeProvider, job.Seed, options.ActorObserver), new PayloadPool(), model, package);
        RunFolder? folder = null;
        try
        {
            // The same goes for an address that cannot be listened on. Who connects before the coordinator is there asks again.
            if (options.Listen is { } endpoint) ground.Network = RunNetwork.Open(endpoint, options.Security, ground.Runtime, ground.Pool, job, model, package.Length);
            folder = RunFolder.Open(options.Run, job, options.Resume);
            return new TrainingRun(job, options, observers, data, folder, ground);
        }
        catch
        {
            folder?.Dispose();
            await ground.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits until the run has ended.</summary>
    /// <returns><see cref="RunFinished"/>, <see cref="RunInterrupted"/> or <see cref="RunFailed"/>.</returns>
    /// <exception cref="InvalidOperationException">An actor failed in a way that nobody answers for; its exception is the inner one.</exception>
    public async Task<TrainingEvent> WaitAsync()
    {
        if (await Task.WhenAny(_ended.Task, _runtime.Failure).ConfigureAwait(false) == _ended.Task) return await _ended.Task.ConfigureAwait(false);
        var failure = await _runtime.Failure.ConfigureAwait(false);
        throw new InvalidOperationException($"training stopped on an internal error: {failure.Message}", failure);
    }

    /// <summary>Asks the run to finish the step in work, write a checkpoint and end.</summary>
    public void RequestStop() => _runtime.Send(_coordinator, new StopTraining());

    /// <summary>The connections to other processes; null where none can join.</summary>
    public NetworkNode? Network => _network?.Node;

    /// <summary>Asks the coordinator how the run stands.</summary>
    /// <param name="limit">Time that it has to answer.</param>
    /// <exception cref="TimeoutException">It does not answer: it is stuck, or the run has ended.</exception>
    public async Task<CoordinatorStatus> StatusAsync(TimeSpan limit)
    {
        var answer = new TaskCompletionSource<CoordinatorStatus>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            _runtime.Send(_coordinator, new ReportStatus(answer.SetResult));
        }
        catch (MailboxFullException full)
        {
            throw new TimeoutException(full.Message, full);
        }

        return await answer.Task.WaitAsync(limit).ConfigureAwait(false);
    }

    /// <summary>Stops the actors and lets the run directory go.</summary>
    public async ValueTask DisposeAsync()
    {
        await _runtime.DisposeAsync().ConfigureAwait(false);
        if (_network is not null) await _network.DisposeAsync().ConfigureAwait(false);
        _weights?.Dispose();
        _pool.Dispose();
        _metrics.Dispose();
        _folder.Dispose();
    }

    Func<RunContact, IActor> Worker(Func<IDevice> device, Model model, Job job) => run =>
        new Worker(new ShardComputer(model, device(), job.Training.Shards, job.Seed, _pool), _weights!, run);

    ParameterState Restored(Checkpoint checkpoint, CheckpointContent content, UpdateRule rule)
    {
        var weights = _pool.Rent<float>(content.Length);
        content.FromTensors(checkpoint.Weights, weights.Span);
        return new ParameterState(
            Compute.Cpu.CpuDevice.Create(), rule, new WeightVersion(checkpoint.Manifest.Step), weights,
            content.OptimizerFromTensors(checkpoint.Optimizer, _pool), _pool);
    }

    static void CheckUsable(Checkpoint? checkpoint, Job job, JobData data, string run)
    {
        if (checkpoint is null) return;
        if (checkpoint.Manifest.Step > job.Training.Steps)
            throw UserErrorException.At(run, $"has done {checkpoint.Manifest.Step} steps; to go on with it, training.steps must be at least that, got {job.Training.Steps}");
        foreach (var (key, value) in Metadata(data))
        {
            if (checkpoint.Metadata.TryGetValue(key, out var trained) && trained != value)
                throw UserErrorException.At(run, $"the data have changed since this run began (their {key} differs); train anew with --run DIR");
        }
    }

    static Dictionary<string, string> Metadata(JobData data) =>
        new([new("format", "pt"), .. data.Encoding.ToMetadata(), .. data.Fingerprint]);

    static void Tell(TrainingEvent happened, IEnumerable<ITrainingObserver> observers)
    {
        foreach (var observer in observers) observer.On(happened);
    }
}
