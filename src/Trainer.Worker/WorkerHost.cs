using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Starts the workers of a process that joins a run, and takes the weights for all of them, so that each version comes over the network once.</summary>
/// <remarks>
/// It lives for one connection to one coordinator, in one reign. A worker that the coordinator has stopped because it did not keep up is started again and joins anew. It ends, and all
/// workers with it, when the run is over, or when the coordinator or a parameter server is gone: whatever comes then comes in another reign.
/// </remarks>
/// <param name="start">Whom it serves, and how.</param>
/// <param name="slots">What the workers run on, and their names.</param>
/// <param name="modelOf">Makes the model of a job.</param>
public sealed class WorkerHost(HostStart start, WorkerSlots slots, Func<JobPackage, Model> modelOf) : IActor, IDisposable
{
    /// <summary>Time that a coordinator has to say what the job is; a node that is cut off is noticed sooner.</summary>
    static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    static readonly TimeSpan RejoinDelay = TimeSpan.FromSeconds(1);

    readonly HostBond _bond = new(start, HostRole.Worker);
    readonly Dictionary<ActorRef, int> _workers = [];
    RunContact? _run;
    Func<int, IActor>? _create;
    WeightCaches? _caches;
    Action<IActorContext>? _startWorkers;
    HostWeights? _weights;
    ActorRef? _combiner;
    int _failed;

    /// <inheritdoc/>
    public ValueTask StartedAsync(IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _bond.Begin(context);
        context.Schedule(AnswerLimit, new AnswerDue());
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (_bond.IsOfAnotherTerm(message)) return context.Unhandled(message);
        switch (message)
        {
            case JobOffered offered: Begin(offered, context); break;
            case WeightsPublished published when _weights is not null: _weights.Take(published, _workers.Keys, context); break;
            case AskForWeights asked when _weights is not null: _weights.Answer(asked, context); break;
            case AnswerDue when _run is null: _bond.End(HostEndKind.Lost, "it does not say what the job is", context); break;
            case ParameterServersReachable when _startWorkers is { } ready: ready(context); break;
            case ConnectDue when _startWorkers is not null: _bond.End(HostEndKind.Lost, "its parameter servers cannot be reached", context); break;
            case AnswerDue or ParameterServersReachable or ConnectDue: break;
            case StartSlot slot: Start(slot.Slot, context); break;
            default:
                if (_bond.Takes(message, context)) break;
                if (message is not Terminated gone) return context.Unhandled(message);
                if (IsParameterServer(gone.Actor)) HostBond.EndUnlessTold($"{gone.Actor.Name} is gone: {gone.Failure?.Message ?? "it has stopped"}", context);
                else Replace(gone, context);
                break;
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Frees the weights; the workers are gone by then.</summary>
    public void Dispose()
    {
        _weights?.Dispose();
        _caches?.Dispose();
        _bond.Close();
    }

    void Begin(JobOffered offered, IActorContext context)
    {
        JobPackage package;
        Model model;
        try
        {
            // An answer to a question that was asked twice.
            if (_run is not null || !_bond.TryServe(offered.Term, context)) return;
            package = JobPackage.Parse(offered.Job.Span);
            model = modelOf(package);
        }
        catch (MessageFormatException malformed)
        {
            _bond.End(HostEndKind.Lost, $"what it offers cannot be read: {malformed.Message}", context);
            return;
        }
        catch (UserErrorException unknown)
        {
            // Of another version, most likely: it will say the same again.
            _bond.End(HostEndKind.Failed, $"the coordinator's job cannot be computed here: {unknown.Message}", context);
            return;
        }
        finally
        {
            offered.Release();
        }

        if (WorkerSlot.Refusal(package.Job.Training.Precision, slots.Devices) is { } refusal)
        {
            _bond.End(HostEndKind.Failed, refusal, context);
            return;
        }

        var run = _run = new RunContact(start.Coordinator, offered.ParameterServers, offered.Term);
        _startWorkers = ready => StartWorkers(package.Job, model, run, ready);
        ParameterServerAddress[] elsewhere = [.. run.ParameterServers.Where(server => server.Endpoint is not null)];
        if (start.Connect is not { } connect || elsewhere.Length == 0)
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
        var host = context.Self;
        foreach (var (server, _, _) in run.ParameterServers) context.Watch(server);
        _caches = new WeightCaches(model, start.Pool);
        _weights = new HostWeights(_caches.Assembly, run);
        if (slots.Devices.Count > 1) _combiner = SpawnCombiner(model, run, job.Training, context);
        var workers = new WorkerSlot(model, job, _caches, start.Pool);
        _create = slot => workers.CreateWorker(slots.Devices[slot], run, weightsTo: host, _combiner, compute => slots.Count(slot, compute));
        for (var slot = 0; slot < slots.Devices.Count; slot++) Start(slot, context);
    }

    ActorRef SpawnCombiner(Model model, RunContact run, TrainingOptions training, IActorContext context)
    {
        var routes = new GradientRoutes(model.Parameters.Length, run.ParameterServers, isApart: true, training.Gradients);
        return context.Spawn(
            "combiner", () => new GradientCombiner(new ShardTree(training.Shards), CpuDevice.Create(), routes, training.Gradients, start.Pool),
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
            slots.NameOf(slot), () => create(slot),
            new ActorOptions { OwnThread = true, Supervision = WorkerSlot.Supervision });
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

        if (++_failed == slots.Devices.Count) _bond.End(HostEndKind.Failed, $"{gone.Actor.Name}: {gone.Failure.Message}", context);
    }

    bool IsParameterServer(ActorRef actor) => _run?.ParameterServers.Any(address => address.Server == actor) == true;

    sealed record AnswerDue : Message;

    sealed record ConnectDue : Message;

    sealed record StartSlot(int Slot) : Message;
}

/// <summary>The workers of a process: one for each device.</summary>
/// <param name="Name">Name of the process, in front of each worker's.</param>
/// <param name="Devices">What each runs on; at least one.</param>
public sealed record WorkerSlots(string Name, IReadOnlyList<Func<IDevice>> Devices)
{
    /// <summary>Counts what they compute; null for nobody.</summary>
    public WorkerMetrics? Metrics { get; init; }

    /// <summary>Name of a slot's worker.</summary>
    internal string NameOf(int slot) => $"{Name}.{slot}";

    /// <summary>Has what a slot's worker computes counted, where somebody counts.</summary>
    internal IShardCompute Count(int slot, IShardCompute compute) => Metrics?.Count(NameOf(slot), compute) ?? compute;
}
