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

    /// <summary>One worker for each device.</summary>
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

/// <summary>A job on one machine: the coordinator with parameter server, checkpointer and workers in this process.</summary>
public sealed class TrainingRun : IAsyncDisposable
{
    readonly ThreadRuntime _runtime;
    readonly RunFolder _folder;
    readonly MetricsLog _metrics;
    readonly PayloadPool _pool;
    readonly WeightCache _weights;
    readonly ActorRef _coordinator;
    readonly TaskCompletionSource<TrainingEvent> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    TrainingRun(Job job, TrainingRunOptions options, IReadOnlyList<ITrainingObserver> observers, JobData data, RunFolder folder)
    {
        _folder = folder;
        _pool = new PayloadPool();
        var model = ModelMapping.Of(job, data.Encoding);
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

        _weights = new WeightCache(model, options.Devices[0]());
        _runtime = new ThreadRuntime(options.TimeProvider, job.Seed, options.ActorObserver);
        var recorder = _runtime.Spawn("recorder", () => new Recorder(all, happened => _ended.TrySetResult(happened)), Escalating);
        var tree = new ShardTree(job.Training.Shards);
        var crew = new CoordinatorCrew(
            coordinator => new ParameterServer(state, tree, coordinator),
            coordinator => new Checkpointer(store, files, folder.Path, content, Metadata(data), job.Seed, job.Training.Checkpoint.Keep, coordinator),
            [.. options.Devices.Select(device => Worker(device, model, job))],
            recorder);
        var position = new DataPosition(start?.Manifest.Epoch ?? 0, start?.Manifest.Position ?? 0);
        var source = ShardSource.Of(data, job.Training.Shards, job.Seed, _pool);
        var plan = PlanMapping.Of(job, ModelMapping.Outputs(job, data.Encoding), folder.Path);
        _coordinator = _runtime.Spawn(
            "coordinator", () => new Coordinator(plan, source, crew, new Step(state.Version.Value), position, carried), Escalating);
    }

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
        UpdateMapping.Of(job.Training, ModelMapping.Of(job, data.Encoding).Parameters);
        var folder = RunFolder.Open(options.Run, job, options.Resume);
        try
        {
            return new TrainingRun(job, options, observers, data, folder);
        }
        catch
        {
            folder.Dispose();
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

    /// <summary>Stops the actors and lets the run directory go.</summary>
    public async ValueTask DisposeAsync()
    {
        await _runtime.DisposeAsync().ConfigureAwait(false);
        _weights.Dispose();
        _pool.Dispose();
        _metrics.Dispose();
        _folder.Dispose();
    }

    Func<ActorRef, ActorRef, IActor> Worker(Func<IDevice> device, Model model, Job job) => (coordinator, parameterServer) =>
        new Worker(new ShardComputer(model, device(), job.Training.Shards, job.Seed, _pool), _weights, coordinator, parameterServer);

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
