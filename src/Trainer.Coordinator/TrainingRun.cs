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

    /// <summary>Where the coordinator is elected among processes that stand by; null where this is the only one.</summary>
    public EtcdAddress? Registry { get; init; }

    /// <summary>Name of this process, for people; told to the registry.</summary>
    public string Name { get; init; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>Workers, of whatever process, that must have joined before the first round.</summary>
    public int MinWorkers { get; init; } = 1;

    /// <summary>Parts of the parameters that this process keeps.</summary>
    public int ParameterServers { get; init; } = 1;

    /// <summary>Parts that other processes keep, which are waited for.</summary>
    public int ParameterServerProcesses { get; init; }

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

/// <summary>A job: the keeper with its coordinators, parameter servers and workers in this process, and a door for those of others.</summary>
public sealed class TrainingRun : IAsyncDisposable
{
    readonly ThreadRuntime _runtime;
    readonly PayloadPool _pool = new();
    readonly TaskCompletionSource<TrainingEvent> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    RunNetwork? _network;
    RunFolder? _folder;
    CheckpointGenerations? _generations;
    MetricsLog? _metrics;
    Campaign? _campaign;
    ActorRef? _keeper;
    readonly CancellationTokenSource _stop = new();
    Action<CancellationToken> _fitToResult = static _ => { };
    Action<string> _progress = static _ => { };
    IReadOnlyList<HeldEnd> _heldEnds = [];

    TrainingRun(ThreadRuntime runtime) => _runtime = runtime;

    /// <summary>Begins a job, or goes on with one.</summary>
    /// <param name="job">The job.</param>
    /// <param name="options">How it is run here.</param>
    /// <param name="observers">Who hears of what happens.</param>
    /// <param name="cancellation">Gives up before training begins.</param>
    /// <exception cref="UserErrorException">The data or the run directory cannot be used.</exception>
    /// <exception cref="RegistryException">The registry refuses.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public static async Task<TrainingRun> StartAsync(
        Job job, TrainingRunOptions options, IReadOnlyList<ITrainingObserver> observers, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var data = await JobData.LoadAsync(job, options.Fetching, options.Progress, cancellation).ConfigureAwait(false);

        foreach (var notice in data.Notices) Tell(new Noticed(notice), observers);

        // A rate of no tensor, or a class that there is not, is found before there is a run directory that would have to be cleared away.
        var model = ModelMapping.Of(job, data.Encoding);
        UpdateMapping.Of(job.Training, model.Parameters);
        ValidationScoring.Check(job, data.Encoding);
        if (WorkerSlot.Refusal(job.Training.Precision, options.Devices) is { } refusal) throw new UserErrorException(refusal);
        var run = new TrainingRun(new ThreadRuntime(options.TimeProvider, job.Seed, options.ActorObserver));
        try
        {
            await run.BeginAsync(job, options, observers, data, model, cancellation).ConfigureAwait(false);
            return run;
        }
        catch
        {
            await run.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits until the run has ended.</summary>
    /// <returns>
    /// <see cref="RunFinished"/>, <see cref="RunInterrupted"/>, <see cref="RunFailed"/> or <see cref="RunDeposed"/>: the last that observers were told. A run whose steps are done is interrupted all the same
    /// where it was asked to stop before everything was fitted to its result.
    /// </returns>
    /// <exception cref="UserErrorException">The run has finished, and what is fitted to its result cannot be kept.</exception>
    /// <exception cref="InvalidOperationException">An actor failed in a way that nobody answers for; its exception is the inner one.</exception>
    public async Task<TrainingEvent> WaitAsync()
    {
        if (await Task.WhenAny(_ended.Task, _runtime.Failure).ConfigureAwait(false) == _ended.Task)
        {
            var end = await _ended.Task.ConfigureAwait(false);
            try
            {
                if (end is RunFinished finished) end = FitTo(finished);
            }
            finally
            {
                // The run has finished, also where what is fitted to its result cannot be kept.
                foreach (var held in _heldEnds) held.Release(end);
            }

            return end;
        }

        var failure = await _runtime.Failure.ConfigureAwait(false);
        throw new InvalidOperationException($"training stopped on an internal error: {failure.Message}", failure);
    }

    /// <summary>True when the run has told how it ended; what is left is to fit something to its result, where the task needs that.</summary>
    public bool HasEnded => _ended.Task.IsCompletedSuccessfully;

    /// <summary>Asks the run to finish the step in work, write a checkpoint and end. What is fitted to the result of a run that is finished is given up; a resumed run does it.</summary>
    public void RequestStop()
    {
        _stop.Cancel();
        if (_keeper is not null) _runtime.Send(_keeper, new StopTraining());
    }

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
            if (_keeper is not null) _runtime.Send(_keeper, new ReportStatus(answer.SetResult));
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
        _generations?.Dispose();
        _pool.Dispose();
        _metrics?.Dispose();
        _folder?.Dispose();
        _stop.Dispose();

        // Last, so that a successor finds everything written.
        if (_campaign is null) return;
        if (_ended.Task.IsCompletedSuccessfully) await _campaign.LeaveWordAsync(await _ended.Task.ConfigureAwait(false)).ConfigureAwait(false);
        await _campaign.DisposeAsync().ConfigureAwait(false);
    }

    TrainingEvent FitTo(RunFinished finished)
    {
        try
        {
            _fitToResult(_stop.Token);
            return finished;
        }
        catch (OperationCanceledException)
        {
            _progress("the result stands; what is fitted to it is not: train --resume does it");
            return new RunInterrupted(finished.Step, finished.Run, Checkpointed: true);
        }
    }

    async Task BeginAsync(
        Job job, TrainingRunOptions options, IReadOnlyList<ITrainingObserver> observers, JobData data, Model model, CancellationToken cancellation)
    {
        // An address that cannot be listened on is found before there is a run directory, too. Who connects before the coordinator is there asks again.
        var package = options.Listen is null ? null : new JobPackage(job, data.Encoding.ToMetadata()).ToBytes();
        if (options.Listen is { } endpoint) _network = RunNetwork.Open(endpoint, options.Security, _runtime, _pool, job, model, package!.Length);

        if (options.Registry is { } registry)
        {
            var place = options.Advertise ?? _network?.Address ?? throw new ArgumentException("a coordinator that is elected needs an address that it listens on", nameof(options));
            var candidate = new Candidate(options.Name, place.ToString()!);
            _campaign = await Campaign.WinAsync(registry, candidate, options.Run, options.TimeProvider, options.Progress ?? (_ => { }), cancellation).ConfigureAwait(false);
            options.Progress?.Invoke($"elected: {candidate.Name} is coordinator in {_campaign.Leadership.Term}");
        }

        if (job.Task is AnomalyTask)
        {
            // Thresholds are fitted to the weights that are left, so not before; and nobody hears that the run has finished while they are.
            _fitToResult = stop => AnomalyThresholds.Keep(options.Run, (SampleData)data, Math.Max(1, options.Devices.Count), options.Progress, stop);
            observers = _heldEnds = [.. observers.Select(HeldEnd.Of)];
        }

        _progress = options.Progress ?? _progress;
        Begin(job, options, observers, data, model, package);
    }

    void Begin(Job job, TrainingRunOptions options, IReadOnlyList<ITrainingObserver> observers, JobData data, Model model, byte[]? package)
    {
        var leadership = _campaign?.Leadership;
        Func<string?>? lost = leadership is null ? null : () => RegisteredReign.Reason(leadership);
        var folder = _folder = RunFolder.Open(options.Run, job, options.Resume || leadership is not null, isElected: leadership is not null);
        if (leadership is not null && !folder.IsNew && FinishedRun.ReadWhole(folder.Path, job.Training.Steps) is { } finished)
        {
            // The one before has done everything; its workers have left.
            foreach (var observer in observers) observer.On(finished);
            _ended.SetResult(finished);
            return;
        }

        _metrics = new MetricsLog(folder.Metrics, message => Tell(new Noticed(message), observers), mayChange: own => lost?.Invoke() is null && folder.Terms.Highest() <= own);
        ITrainingObserver[] all = [_metrics, .. observers];
        var settings = new GenerationSettings
        {
            Run = folder.Path,
            Job = job,
            Data = data,
            Model = model,
            Files = new DiskRunFiles(),
            Pool = _pool,
            Devices = options.Devices,
            MinWorkers = options.MinWorkers,
            ParameterServers = options.ParameterServers,
            ParameterServerProcesses = options.ParameterServerProcesses,
            Package = package,
            Send = _runtime.Send,
            TellsWork = all.OfType<IWorkObserver>().Any(),
            Lost = lost,
            Announcements = _network is null ? [] : [new Listening(_network.Address.ToString())],
        };
        var generations = _generations = new CheckpointGenerations(settings);
        if (!folder.IsNew)
        {
            generations.Verify();

            // The one before died while it told everybody. Those who compute have left, unless they are this process's own, which repeat the last validation.
            if ((leadership is not null || options.Devices.Count == 0) && generations.FindEnd() is { } end)
            {
                end = FinishedRun.Measured(folder.Path, end);
                foreach (var observer in observers) observer.On(end);
                _ended.SetResult(end);
                return;
            }
        }

        var term = folder.BeginTerm(leadership?.Term, lost);
        if (!folder.IsNew) folder.KeepJob(job, new FencedRunFiles(settings.Files, new RunFence(folder.Terms, term, lost)));

        var recorder = _runtime.Spawn("recorder", () => new Recorder(all, happened => _ended.TrySetResult(happened)), Escalating with { MailboxCapacity = MailboxRoom.OfCoordinator });
        _keeper = _runtime.Spawn(
            ActorNames.Run, () => new RunKeeper(generations, term, keeper => Reign(keeper, term), recorder, generations.Attendance), Escalating with { OwnThread = true });
    }

    IActor Reign(ActorRef keeper, Term first) =>
        _campaign is { Leadership: var leadership } ? new RegisteredReign(leadership, _folder!.Terms, keeper) : new EmbeddedReign(_folder!.Terms, first, keeper);

    static ActorOptions Escalating => new() { Supervision = Supervision.EscalateOnFailure };

    static void Tell(TrainingEvent happened, IEnumerable<ITrainingObserver> observers)
    {
        foreach (var observer in observers) observer.On(happened);
    }
}
