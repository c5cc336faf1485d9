using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Starts the workers of a process that joins a run, and takes the weights for all of them, so that each version comes over the network once.</summary>
/// <remarks>
/// It lives for one connection to one coordinator, in one reign. A worker that the coordinator has stopped because it did not keep up is started again and joins anew. It ends, and all
/// workers with it, when the run is over, or when the coordinator or a parameter server is gone: whatever comes then comes in another reign.
/// </remarks>
/// <param name="coordinator">Who has the job.</param>
/// <param name="slots">What the workers run on, and their names.</param>
/// <param name="modelOf">Makes the model of a job.</param>
/// <param name="pool">Where payloads are rented.</param>
/// <param name="ended">Told when all of it is gone, and why.</param>
/// <param name="terms">The highest term that the process has seen; null where this is the only host that it will have.</param>
/// <param name="connect">Connects to parameter servers of other processes without waiting, and answers the host with <see cref="ParameterServersReachable"/>; null where all are reached already.</param>
public sealed class WorkerHost(
    ActorRef coordinator, WorkerSlots slots, Func<JobPackage, Model> modelOf, PayloadPool pool, Action<HostEnd> ended, TermGate? terms = null,
    Action<ActorRef, IReadOnlyList<ParameterServerAddress>>? connect = null) : IActor, IDisposable
{
    /// <summary>Time that a coordinator has to say what the job is; a node that is cut off is noticed sooner.</summary>
    static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    static readonly TimeSpan FirstAskWait = TimeSpan.FromMilliseconds(250), LongestAskWait = TimeSpan.FromSeconds(2);

    static readonly TimeSpan RejoinDelay = TimeSpan.FromSeconds(1);

    /// <summary>Time that word of the run's end has to arrive after the coordinator, or a parameter server, has stopped.</summary>
    public static readonly TimeSpan LastWordLimit = TimeSpan.FromMilliseconds(500);

    readonly TermGate _terms = terms ?? new TermGate();
    readonly Backoff _asking = new(FirstAskWait, LongestAskWait);
    readonly Dictionary<ActorRef, int> _workers = [];
    RunContact? _run;
    Func<int, IActor>? _create;
    Action<IActorContext>? _startWorkers;
    HostWeights? _weights;
    ActorRef? _combiner;
    int _failed;
    HostEnd? _end;

    /// <inheritdoc/>
    public ValueTask StartedAsync(IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Watch(coordinator);
        Ask(context);
        context.Schedule(AnswerLimit, new AnswerDue());
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (message is ClusterMessage said && _run is not null && said.Term != _run.Term) return context.Unhandled(message);
        switch (message)
        {
            case JobOffered offered: Begin(offered, context); break;
            case WeightsPublished published when _weights is not null: _weights.Take(published, _workers.Keys, context); break;
            case AskForWeights asked when _weights is not null: _weights.Answer(asked, context); break;
            case RunEnded over when _run is null && !_terms.Admits(over.Term): End(HostEndKind.Lost, "its term is over", context); break;
            case RunEnded over: End(over.Failed ? HostEndKind.RunFailed : HostEndKind.RunEnded, over.How, context); break;
            case AskDue when _run is null: Ask(context); break;
            case AnswerDue when _run is null: End(HostEndKind.Lost, "it does not say what the job is", context); break;
            case AskDue or AnswerDue: break;
            case ParameterServersReachable when _startWorkers is { } start: start(context); break;
            case ConnectDue when _startWorkers is not null: End(HostEndKind.Lost, "its parameter servers cannot be reached", context); break;
            case ParameterServersReachable or ConnectDue: break;

            // The run may be over: what it said before it went is in the mailbox or, behind a message whose payloads have not come, still on its way.
            case Terminated { Failure: null } gone when gone.Actor == coordinator: context.Schedule(LastWordLimit, new Gone("it has stopped")); break;
            case Terminated gone when gone.Actor == coordinator: context.Send(context.Self, new Gone(gone.Failure!.Message)); break;
            case Terminated gone when IsParameterServer(gone.Actor): context.Schedule(LastWordLimit, new Gone($"{gone.Actor.Name} is gone: {gone.Failure?.Message ?? "it has stopped"}")); break;
            case Gone gone: End(HostEndKind.Lost, gone.Reason, context); break;
            case Terminated gone: Replace(gone, context); break;
            case StartSlot start: Start(start.Slot, context); break;
            default: return context.Unhandled(message);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Frees the weights; the workers are gone by then.</summary>
    public void Dispose()
    {
        _weights?.Dispose();
        ended(_end ?? new HostEnd(HostEndKind.Lost, "it was stopped"));
    }

    void Ask(IActorContext context)
    {
        context.SendOrLose(coordinator, new AskForJob(context.Self));
        context.Schedule(_asking.Next(), new AskDue());
    }

    void Begin(JobOffered offered, IActorContext context)
    {
        JobPackage package;
        Model model;
        try
        {
            // An answer to a question that was asked twice.
            if (_run is not null) return;
            if (!_terms.Admits(offered.Term))
            {
                End(HostEndKind.Lost, $"{offered.Term} is over: {_terms.Highest} has begun", context);
                return;
            }

            package = JobPackage.Parse(offered.Job.Span);
            model = modelOf(package);
        }
        finally
        {
            offered.Release();
        }

        var run = _run = new RunContact(coordinator, offered.ParameterServers, offered.Term);
        _startWorkers = ready => StartWorkers(package.Job, model, run, ready);
        ParameterServerAddress[] elsewhere = [.. run.ParameterServers.Where(server => server.Endpoint is not null)];
        if (connect is null || elsewhere.Length == 0)
        {
            _startWorkers(context);
            return;
        }

        connect(context.Self, elsewhere);
        context.Schedule(AnswerLimit, new ConnectDue());
    }

    /// <summary>Starts everything, once all parameter servers can be reached: a watch over a connection that is still to be made would end at once.</summary>
    void StartWorkers(Job job, Model model, RunContact run, IActorContext context)
    {
        _startWorkers = null;
        var (training, seed, host) = (job.Training, job.Seed, context.Self);
        foreach (var (server, _, _) in run.ParameterServers) context.Watch(server);
        _weights = new HostWeights(new WeightCache(model, slots.Devices[0](), pool), run);
        if (slots.Devices.Count > 1) _combiner = SpawnCombiner(model, run, training, context);
        _create = slot => new Worker(
            new ShardComputer(model, slots.Devices[slot](), training.Shards, seed, pool, training.Gradients), _weights.Cache, run, weightsTo: host, _combiner);
        for (var slot = 0; slot < slots.Devices.Count; slot++) Start(slot, context);
    }

    ActorRef SpawnCombiner(Model model, RunContact run, TrainingOptions training, IActorContext context)
    {
        var routes = new GradientRoutes(model.Parameters.Length, run.ParameterServers, isApart: true, training.Gradients);
        return context.Spawn(
            "combiner", () => new GradientCombiner(new ShardTree(training.Shards), slots.Devices[0](), routes, training.Gradients, pool),
            new ActorOptions
            {
                // All pieces of all workers of a large process, of two steps.
                MailboxCapacity = 1 << 16,
                Supervision = Supervision.RestartOnFailure(maxRestarts: 3, TimeSpan.FromMinutes(1)),
            });
    }

    void Start(int slot, IActorContext context)
    {
        var create = _create!;
        var worker = context.Spawn(
            $"{slots.Name}.{slot}", () => create(slot),
            new ActorOptions { OwnThread = true, Supervision = Supervision.RestartOnFailure(maxRestarts: 3, TimeSpan.FromMinutes(1)) });
        _workers.Add(worker, slot);
        context.Watch(worker);
    }

    void Replace(Terminated gone, IActorContext context)
    {
        if (!_workers.Remove(gone.Actor, out var slot)) return;
        if (_combiner is not null) context.Send(_combiner, new FlushGradients());
        if (gone.Failure is null)
        {
            // Not at once: whoever could not keep up needs a moment.
            context.Schedule(RejoinDelay, new StartSlot(slot));
            return;
        }

        if (++_failed == slots.Devices.Count) End(HostEndKind.Failed, $"{gone.Actor.Name}: {gone.Failure.Message}", context);
    }

    bool IsParameterServer(ActorRef actor) => _run?.ParameterServers.Any(address => address.Server == actor) == true;

    void End(HostEndKind kind, string reason, IActorContext context)
    {
        if (_end is not null) return;
        _end = new HostEnd(kind, reason);
        context.Stop(context.Self);
    }

    sealed record AskDue : Message;

    sealed record AnswerDue : Message;

    sealed record ConnectDue : Message;

    sealed record Gone(string Reason) : Message;

    sealed record StartSlot(int Slot) : Message;
}

/// <summary>The workers of a process: one for each device.</summary>
/// <param name="Name">Name of the process, in front of each worker's.</param>
/// <param name="Devices">What each runs on; at least one.</param>
public sealed record WorkerSlots(string Name, IReadOnlyList<Func<IDevice>> Devices);

/// <summary>Why a host is gone.</summary>
/// <param name="Kind">What follows from it.</param>
/// <param name="Reason">The same in words.</param>
public sealed record HostEnd(HostEndKind Kind, string Reason);

/// <summary>What follows from the end of a host.</summary>
public enum HostEndKind
{
    /// <summary>Nothing is left to compute.</summary>
    RunEnded,

    /// <summary>The run could not go on.</summary>
    RunFailed,

    /// <summary>The coordinator is away; it, or another one, may come.</summary>
    Lost,

    /// <summary>Every worker has failed again and again.</summary>
    Failed,
}
