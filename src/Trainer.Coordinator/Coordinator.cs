using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Drives a job: assigns the shards of each round, sees every step to its end, and decides when to validate, to checkpoint and to stop.</summary>
/// <remarks>
/// A round is complete when every shard has a result; a training step also needs the gradient sum of every parameter server. Only then is it applied, and
/// only then does the next one begin. So whatever is lost on the way is a shard without a result or a sum without a shard, and is asked for again.
/// <para>This file takes in messages and sees workers come and go; <c>Coordinator.Rounds.cs</c> has the order of rounds. The parts have a class each.</para>
/// </remarks>
public sealed partial class Coordinator : IActor, IDisposable
{
    readonly TrainingPlan _plan;
    readonly IShardSource _source;
    readonly CoordinatorCrew _crew;
    readonly RunClock _clock;
    readonly Hosts _hosts;
    readonly ParameterServerGroup _servers;
    readonly GradientExchange _exchange;
    readonly TrainingSteps _steps;
    readonly Membership _members;
    readonly ShardWork _work;
    readonly WorkTimes _times;
    readonly DeviceTypes _devices;
    readonly BestSoFar _best;
    readonly ValidationHistory? _validations;
    CheckpointFlow _checkpoints = null!;
    Ending _ending = null!;

    /// <param name="plan">What to do.</param>
    /// <param name="source">The data.</param>
    /// <param name="crew">Whom to start.</param>
    /// <param name="start">The last step applied before this run; 0 at the beginning.</param>
    /// <param name="position">Where the data stand after it.</param>
    /// <param name="states">Carried state after it; disposed with the actor.</param>
    /// <param name="validations">What validations have shown up to it; null for nothing.</param>
    public Coordinator(
        TrainingPlan plan, IShardSource source, CoordinatorCrew crew, Step start, DataPosition position, CarriedStates states, ValidationHistory? validations = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(crew);
        ArgumentNullException.ThrowIfNull(states);
        if (crew.Parameters.Version != start.After) throw new ArgumentException($"a run goes on after {start} with weights of {crew.Parameters.Version}", nameof(crew));
        (_plan, _source, _crew) = (plan, source, crew);
        _clock = crew.Clock ?? new RunClock(plan.CheckpointInterval);
        _hosts = new Hosts(crew.Job, plan.Term, crew.Attendance ?? new Attendance());
        _servers = new ParameterServerGroup(plan, crew);
        _exchange = new GradientExchange(_servers, plan.Waits);
        _steps = new TrainingSteps(plan, source, _exchange, _clock, start, position, states);
        _members = new Membership(plan, crew, _servers);
        _devices = new DeviceTypes(plan.Devices);
        (_best, _validations) = (new BestSoFar(plan, validations), validations);
        _times = new WorkTimes(crew.TellsWork ? crew.Recorder : null);
        _work = new ShardWork(plan, _members.Roster, Tell, DropOverrun);
    }

    /// <inheritdoc/>
    public ValueTask StartedAsync(IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var self = context.Self;
        var checkpointer = context.Spawn(
            "checkpointer", () => _crew.Checkpointer(self), new ActorOptions { OwnThread = true, Supervision = Supervision.EscalateOnFailure });
        _checkpoints = new CheckpointFlow(_servers, checkpointer, _crew.Recorder, _plan.Waits, _devices, existing: _steps.Applied.Value > 0 ? (_steps.Applied, _validations) : null);
        _ending = new Ending(_plan.Run, _checkpoints, checkpointer, _crew.Recorder, _clock, _plan.Waits, _hosts);
        _clock.Start(_steps.Applied, context.Elapsed);
        _hosts.Begin(context);
        context.Schedule(_plan.Waits.Look, new Tick());
        _servers.Start(context);
        if (_servers.IsReady) Open(context);
        else Tell(new Noticed($"waiting for {(_servers.Awaited == 1 ? "a parameter server" : $"{_servers.Awaited} parameter servers")} to join"), context);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);

        // Who asks for the job does not know yet whose reign it is; what a supervisor notices is of this one.
        if (message is ClusterMessage { Term: var term } and not (AskForJob or ReceiverOverrun { Term.Value: 0 }) && term != _plan.Term) return context.Unhandled(message);
        switch (message)
        {
            case WorkerJoined or ReceiverOverrun when _ending.IsOver: break;
            case Terminated gone when _ending.IsOver: _hosts.Forget(gone, context); _ending.TellWhenAllHaveHeard(context); break;
            case StopTraining when _ending.IsOver: _ending.TellEnd(context); break;
            case WorkerJoined joined: Welcome(joined, context); break;
            case AskForJob asked: Offer(asked, context); break;
            case ParametersServed served when _servers.Take(served, context): Open(context); break;
            case ParametersServed: break;
            case ReceiverOverrun overrun: DropOverrun(overrun.Receiver, overrun.Reason, context); break;
            case Terminated gone: Forget(gone, context); break;
            case ShardsDone done: Take(done, context); break;
            case GradientSummed summed: _exchange.Take(summed); CompleteRound(context); break;
            case GradientMissing missing: ComputeAgain(missing, context); break;
            case GradientRejected rejected: Reject(rejected.Step, rejected.Attempt, Shards(rejected.Node), rejected.Worker, rejected.Reason, context); break;
            case StepApplied applied when _exchange.Take(applied): CompleteStep(context); break;
            case StepApplied: break;
            case SnapshotTaken snapshot: _checkpoints.Take(snapshot, context); GoOnHeld(context); break;
            case CheckpointDone done: _checkpoints.Take(done, context); _ending.Advance(context); GoOnHeld(context); break;
            case CheckpointFailed failed: _checkpoints.Take(failed, context); _ending.Advance(context); GoOnHeld(context); break;
            case ResultWritten result: _ending.Take(result, context); break;
            case LastGoodCheckpoint last: _ending.Take(last, context); break;
            case StopTraining: Stop(context); break;
            case Tick: CheckWaits(context); break;
            case ReportStatus asked: Report(asked, context); break;
            default: return context.Unhandled(message);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Gives back the states and results it holds.</summary>
    public void Dispose()
    {
        _work.Dispose();
        _validation?.Dispose();
        _checkpoints?.Dispose();
        _exchange.Dispose();
        _servers.Dispose();
        _steps.Dispose();
    }

    /// <summary>The parameters are kept: training can begin.</summary>
    void Open(IActorContext context)
    {
        _members.Start(context);

        // The first checkpoint shows at once whether the run directory can take one, and is what divergence falls back to.
        if (_steps.Applied.Value == 0) _checkpoints.Request(Place, context);
        if (_plan.MinWorkers > _crew.Workers.Count) Tell(new Noticed($"waiting for {Workers(_plan.MinWorkers)} to join"), context);
        GoOn(context);
    }

    void Welcome(WorkerJoined joined, IActorContext context)
    {
        try
        {
            var arrival = _members.Join(joined, context);
            if (arrival == Arrival.Known) return;
            if (arrival == Arrival.Restarted) Abandon(joined.Worker, "it was restarted", context);
        }
        catch (MailboxFullException full)
        {
            DropOverrun(joined.Worker, full.Message, context);
            return;
        }

        Tell(new WorkerCame(joined.Worker.Name, joined.Device, _members.Roster.Count), context);
        if (_devices.Add(joined.DeviceType) is { } notice) Tell(new Noticed(notice), context);
        AssignUnassigned(except: null, context);
    }

    void Lose(ActorRef worker, string? reason, IActorContext context)
    {
        if (!_members.Remove(worker, context)) return;
        Abandon(worker, reason, context);
        if (!_members.IsEmpty || _ending.HasBegun)
            AssignUnassigned(except: null, context);
        else if (_plan.TakesRemoteWorkers)
            WaitForWorkers(context);
        else
            Fail($"every worker is lost, the last one, {worker.Name}, with: {reason ?? "no reason given"}", divergedFrom: null, context);
    }

    void Abandon(ActorRef worker, string? reason, IActorContext context)
    {
        var shards = _work.Abandon(worker, reason);
        Tell(new WorkerWent(worker.Name, reason, _steps.Applied.Next.Value, shards, _members.Roster.Count), context);
    }

    void WaitForWorkers(IActorContext context)
    {
        // With nobody to see the step to its end, a stop that waits for it would wait for ever.
        if (_stopRequested && !_exchange.IsApplying) GoOn(context);
        else Tell(new Noticed("every worker is lost; waiting for others to join"), context);
    }

    void Forget(Terminated gone, IActorContext context)
    {
        _hosts.Forget(gone, context);
        _servers.Forget(gone);
        Lose(gone.Actor, gone.Failure?.Message, context);
    }

    void Offer(AskForJob asked, IActorContext context)
    {
        try
        {
            _hosts.Answer(asked, _servers.IsReady ? _servers.Addresses : null, context);
            if (asked.Role == HostRole.ParameterServer && !_hosts.AreRefused) _servers.Answer(asked, context);
        }
        catch (MailboxFullException full)
        {
            if (!_ending.IsOver) DropOverrun(asked.Host, full.Message, context);
        }
    }

    /// <summary>Whoever does not keep up counts as lost, with all that depend on it; it may join again.</summary>
    void DropOverrun(ActorRef receiver, string reason, IActorContext context)
    {
        foreach (var worker in _members.Roster.DependingOn(receiver)) StopAndLose(worker, $"it does not keep up: {reason}", context);
    }

    void StopAndLose(ActorRef worker, string reason, IActorContext context)
    {
        context.Stop(worker);
        Lose(worker, reason, context);
    }

    void Report(ReportStatus asked, IActorContext context)
    {
        var phase = _ending.HasBegun ? RunPhase.Ending : _members.IsAssembled && _members.Roster.Count > 0 ? RunPhase.Training : RunPhase.WaitingForWorkers;
        asked.Answer(StatusReport.Of(
            phase, _steps.Applied, _work.Progress, _plan, _members.Roster, _members.Awaited, _servers.Present, context.Elapsed));
    }

    static string Workers(int count) => count == 1 ? "a worker" : $"{count} workers";

    static List<int> Shards(ShardRange node) => [.. Enumerable.Range(node.First, node.Count)];

    void Tell(TrainingEvent happened, IActorContext context) => context.Send(_crew.Recorder, new Record(happened));
}
