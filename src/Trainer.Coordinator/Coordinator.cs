using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Makes the actors that the coordinator starts and supervises.</summary>
/// <param name="ParameterServer">From the coordinator's address.</param>
/// <param name="Checkpointer">From the coordinator's address.</param>
/// <param name="Workers">From whom they have to do with; one for each worker of this process.</param>
/// <param name="Recorder">Who is told of events.</param>
public sealed record CoordinatorCrew(
    Func<ActorRef, IActor> ParameterServer, Func<ActorRef, IActor> Checkpointer,
    IReadOnlyList<Func<RunContact, IActor>> Workers, ActorRef Recorder)
{
    /// <summary>What is done about an exception of the parameter server.</summary>
    public Supervision ParameterServerSupervision { get; init; } = Supervision.EscalateOnFailure;

    /// <summary>Makes the <see cref="JobPackage"/> that other processes get; null when none can ask for it.</summary>
    public Func<Payload<byte>>? Job { get; init; }

    /// <summary>True when the recorder is to hear how the time of each step was spent (<see cref="StepWork"/>).</summary>
    public bool TellsWork { get; init; }
}

/// <summary>Drives a job: assigns the shards of each round, sees every step to its end, and decides when to validate, to checkpoint and to stop.</summary>
/// <remarks>
/// A round is complete when every shard has a result; a training step also needs the gradient sum of the parameter server. Only then is it applied, and
/// only then does the next one begin. So whatever is lost on the way is a shard without a result, and is assigned again.
/// </remarks>
/// <param name="plan">What to do.</param>
/// <param name="source">The data.</param>
/// <param name="crew">Whom to start.</param>
/// <param name="start">The last step applied before this run; 0 at the beginning.</param>
/// <param name="position">Where the data stand after it.</param>
/// <param name="states">Carried state after it; disposed with the actor.</param>
public sealed class Coordinator(
    TrainingPlan plan, IShardSource source, CoordinatorCrew crew, Step start, DataPosition position, CarriedStates states) : IActor, IDisposable
{
    static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    readonly Roster _roster = new();

    // Workers of this process that have neither joined nor failed to: the first round waits for them, so that it is spread over all.
    readonly HashSet<ActorRef> _awaited = [];
    readonly RunClock _clock = new(plan.CheckpointInterval);
    readonly Hosts _hosts = new(crew.Job);
    readonly WorkTimes _work = new(crew.TellsWork ? crew.Recorder : null);
    ActorRef _self = null!, _parameterServer = null!;
    CheckpointFlow _checkpoints = null!;
    Ending _ending = null!;
    Step _applied = start;
    DataPosition _position = position;
    RoundProgress? _progress;
    ValidationPass? _validation;
    double? _gradientSquares;
    (TimeSpan Started, double Loss, double Norm, double Rate, long Tokens, int Reissued) _step;
    bool _stopRequested, _assembled;

    /// <inheritdoc/>
    public ValueTask StartedAsync(IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _self = context.Self;
        _parameterServer = context.Spawn(
            "parameter-server", () => crew.ParameterServer(_self), new ActorOptions { Supervision = crew.ParameterServerSupervision });
        var checkpointer = context.Spawn(
            "checkpointer", () => crew.Checkpointer(_self), new ActorOptions { OwnThread = true, Supervision = Supervision.EscalateOnFailure });
        var run = new RunContact(_self, [Parameters], default);
        for (var index = 0; index < crew.Workers.Count; index++)
        {
            var create = crew.Workers[index];
            var worker = context.Spawn(
                $"worker-{index}", () => create(run),
                new ActorOptions { OwnThread = true, Supervision = Supervision.RestartOnFailure(maxRestarts: 3, TimeSpan.FromMinutes(1)) });
            context.Watch(worker);
            _awaited.Add(worker);
        }

        _checkpoints = new CheckpointFlow(_parameterServer, checkpointer, crew.Recorder, existing: _applied.Value > 0 ? _applied : null);
        _ending = new Ending(plan.Run, _checkpoints, checkpointer, crew.Recorder, _clock, _hosts.End);
        _clock.Start(_applied, context.Elapsed);
        context.Schedule(TickInterval, new Tick());

        // The first checkpoint shows at once whether the run directory can take one, and is what divergence falls back to.
        if (_applied.Value == 0) _checkpoints.Request(_applied, _position, states, context);
        if (plan.MinWorkers > crew.Workers.Count) Tell(new Noticed($"waiting for {Workers(plan.MinWorkers)} to join"), context);
        GoOn(context);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        switch (message)
        {
            case WorkerJoined or Terminated or ReceiverOverrun when _ending.IsOver: break;
            case WorkerJoined joined: Welcome(joined, context); break;
            case AskForJob asked: Offer(asked, context); break;
            case ReceiverOverrun overrun: DropOverrun(overrun.Receiver, overrun.Reason, context); break;
            case Terminated gone: Forget(gone, context); break;
            case ShardsDone done: Take(done, context); break;
            case GradientSummed summed: Take(summed, context); break;
            case GradientRejected rejected: Reject(rejected.Step, rejected.Attempt, Shards(rejected.Node), rejected.Worker, rejected.Reason, context); break;
            case StepApplied applied: Complete(applied, context); break;
            case SnapshotTaken snapshot: _checkpoints.Take(snapshot, context); break;
            case CheckpointDone done: _checkpoints.Take(done, context); _ending.Advance(context); break;
            case CheckpointFailed failed: _checkpoints.Take(failed, context); _ending.Advance(context); break;
            case ResultWritten result: _ending.Take(result, context); break;
            case LastGoodCheckpoint last: _ending.Take(last, context); break;
            case StopTraining: Stop(context); break;
            case Tick: CheckWaits(context); break;
            case ReportStatus asked: asked.Answer(StatusReport.Of(Phase, _applied, _progress, plan, _roster, _awaited.Count, [_parameterServer], context.Elapsed)); break;
            default: return context.Unhandled(message);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Gives back the states and results it holds.</summary>
    public void Dispose()
    {
        _progress?.Release();
        _validation?.Dispose();
        _checkpoints?.Dispose();
        states.Dispose();
    }

    void Welcome(WorkerJoined joined, IActorContext context)
    {
        try
        {
            context.Send(joined.Worker, new Welcome(joined.Worker, joined.Life));
        }
        catch (MailboxFullException)
        {
            // It will say again that it has joined.
        }

        if (_roster.Knows(joined.Worker, joined.Life)) return;

        // A worker that joins again was restarted: what it was working on is lost.
        if (_roster.Add(joined.Worker, joined.WeightsTo, joined.Life)) context.Watch(joined.Worker);
        else Abandon(joined.Worker, "it was restarted", context);
        _awaited.Remove(joined.Worker);
        Tell(new WorkerCame(joined.Worker.Name, joined.Device, _roster.Count), context);
        context.Send(_parameterServer, new Subscribe(joined.WeightsTo ?? joined.Worker));
        AssignLeftOver(context, except: null);
    }

    void Lose(ActorRef worker, string? reason, IActorContext context)
    {
        var awaited = _awaited.Remove(worker);
        if (!_roster.Remove(worker, out var forNobody) && !awaited) return;
        if (forNobody is not null) context.Send(_parameterServer, new Unsubscribe(forNobody));
        Abandon(worker, reason, context);
        if (_roster.Count == 0 && _awaited.Count == 0 && !_ending.HasBegun)
        {
            if (plan.TakesRemoteWorkers)
            {
                WaitForWorkers(context);
                return;
            }

            Fail($"every worker is lost, the last one, {worker.Name}, with: {reason ?? "no reason given"}", divergedFrom: null, context);
            return;
        }

        AssignLeftOver(context, except: null);
    }

    void Forget(Terminated gone, IActorContext context)
    {
        _hosts.Forget(gone.Actor);
        Lose(gone.Actor, gone.Failure?.Message, context);
    }

    void WaitForWorkers(IActorContext context)
    {
        // With nobody to see the step to its end, a stop that waits for it would wait for ever.
        if (_stopRequested && !IsApplying) GoOn(context);
        else Tell(new Noticed("every worker is lost; waiting for others to join"), context);
    }

    void Offer(AskForJob asked, IActorContext context)
    {
        try
        {
            _hosts.Answer(asked, Parameters, context);
        }
        catch (MailboxFullException full)
        {
            DropOverrun(asked.Host, full.Message, context);
        }
    }

    /// <summary>Whoever does not keep up counts as lost, with all that depend on it; it may join again.</summary>
    void DropOverrun(ActorRef receiver, string reason, IActorContext context)
    {
        foreach (var worker in _roster.DependingOn(receiver))
        {
            context.Stop(worker);
            Lose(worker, $"it does not keep up: {reason}", context);
        }
    }

    void Abandon(ActorRef worker, string? reason, IActorContext context)
    {
        var shards = _progress?.Abandon(worker) ?? [];
        Tell(new WorkerWent(worker.Name, reason, _applied.Next.Value, shards, _roster.Count), context);
    }

    /// <summary>Begins whatever comes next.</summary>
    void GoOn(IActorContext context)
    {
        if (_ending.HasBegun) return;
        if (_stopRequested)
            _ending.Interrupt(_applied, _position, states, context);
        else if (_validation is { IsComplete: false })
            Begin(_validation.Round, context);
        else if (_applied.Value < plan.Steps)
            BeginStep(context);
        else if (_validation is null && source.ValidationChunks > 0)
            BeginValidation(context);
        else
            _ending.Finish(_applied, _position, states, context);
    }

    void BeginStep(IActorContext context)
    {
        _validation?.Dispose();
        _validation = null;
        if (_position.BeginsPass) states.Reset();
        Begin(new Round(WorkKind.Train, _applied.Next, 0), context);
    }

    void BeginValidation(IActorContext context)
    {
        _validation = new ValidationPass(_applied, source.ValidationChunks, plan.Shards, plan.Averaged, plan.HasClasses, context.Elapsed);
        if (plan.Averaged) context.Send(_parameterServer, new PublishAverage(_applied));
        Begin(_validation.Round, context);
    }

    void Begin(Round round, IActorContext context)
    {
        _progress = new RoundProgress(round, plan.Shards, context.Elapsed);
        _gradientSquares = null;
        AssignLeftOver(context, except: null);
    }

    void AssignLeftOver(IActorContext context, ActorRef? except)
    {
        if (_progress is null || !IsAssembled || _ending.HasBegun) return;
        var overrun = new List<(ActorRef Worker, string Reason)>();
        var spread = _roster.Spread(_progress.Unassigned, except);
        foreach (var (worker, shards) in spread)
        {
            var attempt = _progress.Assign(shards, worker, context.Elapsed);
            try
            {
                context.Send(worker, new AssignShards(_progress.Round, attempt, [.. shards.Select(Batch)]) { HostShards = _roster.HostShards(worker, spread) });
            }
            catch (MailboxFullException full)
            {
                overrun.Add((worker, full.Message));
            }
        }

        // Only now: losing a worker assigns its shards to others.
        foreach (var (worker, reason) in overrun) DropOverrun(worker, reason, context);
    }

    ShardBatch Batch(int shard) => _progress!.Round.Kind == WorkKind.Train
        ? source.Training(_position, shard, states.For(shard))
        : source.Validation(_progress.Round.Chunk, shard, _validation!.States.For(shard));

    void Take(ShardsDone done, IActorContext context)
    {
        if (_progress is null || done.Round != _progress.Round || _ending.HasBegun)
        {
            done.Release();
            return;
        }

        foreach (var result in done.Results) _progress.Accept(result, done.Attempt);
        if (done.Round.Kind == WorkKind.Train)
        {
            _work.Answered(done, context.Elapsed);
            var broken = done.Results.Where(result => !double.IsFinite(result.Loss)).Select(result => result.Shard).ToList();
            if (broken.Count > 0) Reject(done.Round.Step, done.Attempt, broken, done.Worker, "the loss is not a finite number", context);
        }

        CompleteRound(context);
    }

    void Take(GradientSummed summed, IActorContext context)
    {
        var squares = BlockNorm.Sum(summed.BlockSquares.Span);
        summed.Release();
        if (_progress is null || summed.Step != _applied.Next) return;
        _gradientSquares = squares;
        CompleteRound(context);
    }

    void Reject(Step step, int attempt, IReadOnlyList<int> shards, ActorRef worker, string reason, IActorContext context)
    {
        if (_progress is null || _progress.Round != new Round(WorkKind.Train, step, 0) || _ending.HasBegun) return;
        var outcomes = shards.ToLookup(shard => _progress.Reject(shard, attempt));
        if (outcomes[Rejection.SecondTime].Any())
        {
            var again = string.Join(", ", outcomes[Rejection.SecondTime]);
            Fail($"{step}, shard {again}: computed again by {worker.Name}, and still {reason}; a lower training.optimizer rate or training.clip may help", _applied, context);
            return;
        }

        var recomputed = outcomes[Rejection.Recompute].ToList();
        if (recomputed.Count == 0) return;
        Tell(new GradientRefused(step.Value, worker.Name, recomputed, reason), context);
        AssignLeftOver(context, worker);
    }

    void CompleteRound(IActorContext context)
    {
        if (_progress is not { IsComplete: true } || _ending.HasBegun) return;
        if (_progress.Round.Kind == WorkKind.Evaluate)
            CompleteChunk(context);
        else if (_gradientSquares is { } squares)
            Apply(squares, context);
    }

    void Apply(double gradientSquares, IActorContext context)
    {
        var (step, tokens) = (_applied.Next, _progress!.Tokens);
        var loss = _progress.Loss / tokens;
        if (!(loss <= plan.LossLimit))
        {
            FailDiverged($"{step}", $"the loss is {LossInWords(loss)}", context);
            return;
        }

        // Each gradient was finite; their sum can still overflow.
        if (!double.IsFinite(gradientSquares))
        {
            FailDiverged($"{step}", "the sum of the gradients is too large for a number", context);
            return;
        }

        var norm = Math.Sqrt(gradientSquares) / tokens;
        var rate = plan.Rate * plan.Schedule.FactorAt(step.Value);
        _step = (_progress.Started, loss, norm, rate, tokens, _progress.Reissued);
        _clock.TrainLoss = loss;
        states.Take(_progress.Results);
        _position = source.After(_position);
        _progress = null;
        context.Send(_parameterServer, new ApplyStep(step, Clipping.Scale(plan.Clip, norm) / tokens, Clipping.ValueLimit(plan.Clip), rate));
    }

    void Complete(StepApplied applied, IActorContext context)
    {
        _applied = applied.Step;
        var appliedNorm = Math.Sqrt(BlockNorm.Sum(applied.BlockSquares.Span));
        applied.Release();
        _clock.EndTraining(_step.Started, context.Elapsed, _step.Tokens);
        _work.Complete(_applied, _step.Started, _roster.Workers, context);
        Tell(
            new StepCompleted(
                _applied.Value, source.EpochAt(_position), _step.Loss, _step.Norm, appliedNorm, _step.Rate, _step.Tokens,
                _clock.LastTokensPerSecond, _roster.Count, _clock.SecondsSinceStart(context.Elapsed))
            { ShardsReissued = _step.Reissued },
            context);
        if (_applied.Value < plan.Steps && !_ending.HasBegun && !_checkpoints.IsBusy && _clock.IsCheckpointDue(_applied, context.Elapsed))
        {
            _checkpoints.Request(_applied, _position, states, context);
            _clock.BeginCheckpoint(_applied, context.Elapsed);
        }

        if (plan.ValidateEvery > 0 && _applied.Value % plan.ValidateEvery == 0 && source.ValidationChunks > 0 && !_stopRequested && !_ending.HasBegun)
            BeginValidation(context);
        else
            GoOn(context);
    }

    void CompleteChunk(IActorContext context)
    {
        _validation!.Take(_progress!);
        _progress = null;
        if (_validation.IsComplete)
        {
            var completed = _validation.Complete(context.Elapsed);
            _clock.ValidationLoss = completed.ValidationLoss;
            Tell(completed, context);

            // The last step's weights have no next step that would show it.
            if (!(completed.ValidationLoss <= plan.LossLimit))
            {
                FailDiverged($"validation after {_applied}", $"the loss is {LossInWords(completed.ValidationLoss)}", context);
                return;
            }
        }

        GoOn(context);
    }

    void Stop(IActorContext context)
    {
        if (_stopRequested) return;
        _stopRequested = true;

        // A training step in work is seen to its end; anything else is dropped.
        var inStep = IsApplying || (_roster.Count > 0 && IsAssembled && _progress?.Round.Kind == WorkKind.Train);
        if (!inStep) GoOn(context);
    }

    string LossInWords(double loss) => plan.LossLimit == double.MaxValue
        ? $"{loss:G6}, no finite number"
        : $"{loss:G6} {(plan.HasClasses ? "nats per token" : "per number")}, above {plan.LossLimit:G6}";

    void FailDiverged(string where, string how, IActorContext context) =>
        Fail($"{where}: training diverged: {how}; a lower training.optimizer rate or training.clip may help", _applied, context);

    void Fail(string reason, Step? divergedFrom, IActorContext context) => _ending.Fail(_applied.Next, reason, divergedFrom, context);

    void CheckWaits(IActorContext context)
    {
        context.Schedule(TickInterval, new Tick());
        if (_ending.HasBegun || _progress?.Outstanding is not { } outstanding || context.Elapsed - outstanding.Since < plan.ShardTimeout) return;
        Fail($"{_progress.Round}: no answer from {outstanding.Worker.Name} for shard {outstanding.Shard} within {plan.ShardTimeout.TotalSeconds:F1} s", null, context);
    }

    ParameterServerAddress Parameters => new(_parameterServer, new ParameterRange(0, plan.Parameters));

    RunPhase Phase => _ending.HasBegun ? RunPhase.Ending : IsAssembled && _roster.Count > 0 ? RunPhase.Training : RunPhase.WaitingForWorkers;

    /// <summary>True while the parameter server makes the step's weights, which needs no worker.</summary>
    bool IsApplying => _progress is null && _validation is null;

    /// <summary>True once all workers of this process and, where others can join, the fewest that the run is to begin with have joined.</summary>
    /// <remarks>From then on a worker that is lost is waited for only when nobody is left.</remarks>
    bool IsAssembled => _assembled = _assembled || (_awaited.Count == 0 && (_roster.Count >= plan.MinWorkers || !plan.TakesRemoteWorkers));

    static string Workers(int count) => count == 1 ? "a worker" : $"{count} workers";

    void Tell(TrainingEvent happened, IActorContext context) => context.Send(crew.Recorder, new Record(happened));

    static List<int> Shards(ShardRange node) => [.. Enumerable.Range(node.First, node.Count)];
}
