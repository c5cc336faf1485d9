using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Starts the workers of a process that joins a run, and takes the weights for all of them, so that each version comes over the network once.</summary>
/// <remarks>It lives for one connection to one coordinator. A worker that the coordinator has stopped because it did not keep up is started again and joins anew.</remarks>
/// <param name="coordinator">Who has the job.</param>
/// <param name="slots">What the workers run on, and their names.</param>
/// <param name="modelOf">Makes the model of a job.</param>
/// <param name="pool">Where payloads are rented.</param>
/// <param name="ended">Told when all of it is gone, and why.</param>
public sealed class WorkerHost(
    ActorRef coordinator, WorkerSlots slots, Func<JobPackage, Model> modelOf, PayloadPool pool, Action<HostEnd> ended) : IActor, IDisposable
{
    /// <summary>Time that a coordinator has to say what the job is; a node that is cut off is noticed sooner.</summary>
    static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    static readonly TimeSpan RejoinDelay = TimeSpan.FromSeconds(1);

    readonly Dictionary<ActorRef, int> _workers = [];
    Func<ActorRef, int, IActor>? _create;
    WeightCache? _weights;
    int _failed;
    HostEnd? _end;

    /// <inheritdoc/>
    public ValueTask StartedAsync(IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Watch(coordinator);
        context.Send(coordinator, new AskForJob(context.Self));
        context.Schedule(AnswerLimit, new AnswerDue());
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        switch (message)
        {
            case JobOffered offered: Begin(offered, context); break;
            case WeightsPublished published: PassOn(published, context); break;
            case RunEnded over: End(over.Failed ? HostEndKind.RunFailed : HostEndKind.RunEnded, over.How, context); break;
            case AnswerDue when _create is null: End(HostEndKind.Lost, "it does not say what the job is", context); break;
            case AnswerDue: break;

            // What it said before it went is still in the mailbox: the run may be over.
            case Terminated gone when gone.Actor == coordinator: context.Send(context.Self, new CoordinatorGone(gone.Failure?.Message ?? "it has stopped")); break;
            case CoordinatorGone gone: End(HostEndKind.Lost, gone.Reason, context); break;
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

    void Begin(JobOffered offered, IActorContext context)
    {
        JobPackage package;
        Model model;
        try
        {
            package = JobPackage.Parse(offered.Job.Span);
            model = modelOf(package);
        }
        finally
        {
            offered.Release();
        }

        if (_create is not null) return;
        var (training, seed, host) = (package.Job.Training, package.Job.Seed, context.Self);
        var run = new RunContact(coordinator, offered.ParameterServers, offered.Term);
        var weights = _weights = new WeightCache(model, slots.Devices[0](), pool);
        _create = (_, slot) => new Worker(
            new ShardComputer(model, slots.Devices[slot](), training.Shards, seed, pool), weights, run, weightsTo: host);
        for (var slot = 0; slot < slots.Devices.Count; slot++) Start(slot, context);
    }

    void Start(int slot, IActorContext context)
    {
        var create = _create!;
        var worker = context.Spawn(
            $"{slots.Name}.{slot}", () => create(context.Self, slot),
            new ActorOptions { OwnThread = true, Supervision = Supervision.RestartOnFailure(maxRestarts: 3, TimeSpan.FromMinutes(1)) });
        _workers.Add(worker, slot);
        context.Watch(worker);
    }

    void PassOn(WeightsPublished published, IActorContext context)
    {
        foreach (var worker in _workers.Keys)
        {
            try
            {
                context.Send(worker, new WeightsPublished(published.Version, published.Slice, published.Weights.Retain()));
            }
            catch (MailboxFullException)
            {
                // One slot that does not keep up must not hold up the others: it begins anew.
                context.Stop(worker);
            }
        }

        published.Release();
    }

    void Replace(Terminated gone, IActorContext context)
    {
        if (!_workers.Remove(gone.Actor, out var slot)) return;
        if (gone.Failure is null)
        {
            // Not at once: whoever could not keep up needs a moment.
            context.Schedule(RejoinDelay, new StartSlot(slot));
            return;
        }

        if (++_failed == slots.Devices.Count) End(HostEndKind.Failed, $"{gone.Actor.Name}: {gone.Failure.Message}", context);
    }

    void End(HostEndKind kind, string reason, IActorContext context)
    {
        if (_end is not null) return;
        _end = new HostEnd(kind, reason);
        context.Stop(context.Self);
    }

    sealed record AnswerDue : Message;

    sealed record CoordinatorGone(string Reason) : Message;

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
