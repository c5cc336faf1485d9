using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The coordinator's part that knows who computes: workers of this process and of others, as they come and go.</summary>
/// <param name="plan">How many are waited for.</param>
/// <param name="crew">Makes those of this process.</param>
/// <param name="servers">Who sends them weights.</param>
sealed class Membership(TrainingPlan plan, CoordinatorCrew crew, ParameterServerGroup servers)
{
    // Workers of this process that have neither joined nor failed to: the first round waits for them, so that it is spread over all.
    readonly HashSet<ActorRef> _awaited = [];
    bool _assembled;

    /// <summary>The workers that are ready.</summary>
    public Roster Roster { get; } = new();

    /// <summary>Workers of this process that are still to join before the first round.</summary>
    public int Awaited => _awaited.Count;

    /// <summary>True when there is nobody, and nobody of this process will come.</summary>
    public bool IsEmpty => Roster.Count == 0 && _awaited.Count == 0;

    /// <summary>True once all workers of this process and, where others can join, the fewest that the run is to begin with have joined.</summary>
    /// <remarks>From then on a worker that is lost is waited for only when nobody is left.</remarks>
    public bool IsAssembled => _assembled = _assembled || (_awaited.Count == 0 && (Roster.Count >= plan.MinWorkers || !plan.TakesRemoteWorkers));

    /// <summary>Starts the workers of this process.</summary>
    public void Start(IActorContext context)
    {
        var run = new RunContact(context.Self, servers.Addresses, plan.Term);
        for (var index = 0; index < crew.Workers.Count; index++)
        {
            var create = crew.Workers[index];
            var worker = context.Spawn(
                $"worker-{index}", () => create(run),
                new ActorOptions { OwnThread = true, Supervision = WorkerSlot.Supervision });
            context.Watch(worker);
            _awaited.Add(worker);
        }
    }

    /// <summary>A worker is ready, perhaps not for the first time. It is told so each time, since what it was told may have been lost.</summary>
    /// <exception cref="MailboxFullException">It takes no messages.</exception>
    public Arrival Join(WorkerJoined joined, IActorContext context)
    {
        var arrival = Roster.Add(joined.Worker, joined.WeightsTo, joined.Life);
        if (arrival == Arrival.New) context.Watch(joined.Worker);
        _awaited.Remove(joined.Worker);
        if (arrival != Arrival.Known) servers.SendToAll(new Subscribe(joined.WeightsTo ?? joined.Worker), context);
        context.Send(joined.Worker, new Welcome(joined.Worker, joined.Life) { Term = plan.Term });
        return arrival;
    }

    /// <summary>A worker is gone.</summary>
    /// <returns>False when it was not counted on.</returns>
    public bool Remove(ActorRef worker, IActorContext context)
    {
        var awaited = _awaited.Remove(worker);
        if (!Roster.Remove(worker, out var forNobody)) return awaited;
        if (forNobody is not null) servers.SendToAll(new Unsubscribe(forNobody), context);
        return true;
    }
}
