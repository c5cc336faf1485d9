using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <content>The order of rounds: steps, validations, and the end.</content>
public sealed partial class Coordinator
{
    ValidationPass? _validation;
    bool _stopRequested, _isHeld;

    /// <summary>True when no more steps are made.</summary>
    bool IsOver => _steps.AreDone || _best.IsEnough;

    RunPlace Place => new(_steps.Applied, _steps.Position, _steps.States, _best.History, _best.Kept);

    /// <summary>Begins whatever comes next.</summary>
    void GoOn(IActorContext context)
    {
        if (_ending.HasBegun) return;
        _isHeld = false;
        if (_stopRequested)
            _ending.Interrupt(Place, context);
        else if (_validation is { IsComplete: false })
            BeginChunk(context);
        else if (_validation is null && _source.ValidationChunks > 0 && (IsOver || _best.IsMissing(_steps.Applied)))
            BeginValidation(context);
        else if (IsOver)
            _ending.Finish(Place, isEarly: !_steps.AreDone, context);
        else if (_best.Kept == _steps.Applied && !_checkpoints.HasBest(_steps.Applied))
            HoldForBest(context);
        else
            BeginStep(context);
    }

    /// <summary>The weights are the best so far: they must not move on before a copy of them is on its way to the disk.</summary>
    void HoldForBest(IActorContext context)
    {
        _isHeld = true;
        if (!_checkpoints.IsBusy) _clock.BeginCheckpoint(_steps.Applied, context.Elapsed);
        _checkpoints.Request(Place, context);
    }

    void GoOnHeld(IActorContext context)
    {
        if (_isHeld) GoOn(context);
    }

    void BeginStep(IActorContext context)
    {
        _validation?.Dispose();
        _validation = null;
        _work.Begin(_steps.Begin(), _steps.Batch, context.Elapsed);
        AssignUnassigned(except: null, context);
    }

    void BeginValidation(IActorContext context)
    {
        _validation = new ValidationPass(_plan, _steps.Applied, _source.ValidationChunks, context.Elapsed);

        // Where it is lost, whoever waits for the average asks for it.
        if (_plan.Averaged) _servers.SendToAll(new PublishAverage(_steps.Applied), context);
        BeginChunk(context);
    }

    void BeginChunk(IActorContext context)
    {
        var round = _validation!.Round;
        _work.Begin(round, shard => _source.Validation(round.Chunk, shard, _validation.States.For(shard)), context.Elapsed);
        AssignUnassigned(except: null, context);
    }

    void AssignUnassigned(ActorRef? except, IActorContext context)
    {
        if (_members.IsAssembled && !_ending.HasBegun) _work.AssignUnassigned(except, context);
    }

    void Take(ShardsDone done, IActorContext context)
    {
        if (_work.Progress is not { } progress || done.Round != progress.Round || _ending.HasBegun)
        {
            done.Release();
            return;
        }

        if (done.Round.Kind == WorkKind.Evaluate && !_validation!.Fits(done.Results))
        {
            done.Release();
            StopAndLose(done.Worker, $"what it tells of {done.Round} is not in the form of the task", context);
            return;
        }

        _work.Take(done, context);
        if (done.Round.Kind == WorkKind.Train)
        {
            _times.Answered(done, context.Elapsed);
            List<int>? broken = null;
            foreach (var result in done.Results)
                if (!double.IsFinite(result.Loss))
                    (broken ??= []).Add(result.Shard);
            if (broken is not null) Reject(done.Round.Step, done.Attempt, broken, done.Worker, "the loss is not a finite number", context);
            if (progress.IsComplete) _exchange.ExpectSum(context.Elapsed);
        }

        // A shard that its answer has left out.
        AssignUnassigned(except: null, context);
        CompleteRound(context);
    }

    /// <summary>A shard's result is here, but its gradient is not where it should be: it was lost on the way, or with who computed it.</summary>
    void ComputeAgain(GradientMissing missing, IActorContext context)
    {
        if (_ending.HasBegun || _work.Progress is not { IsComplete: true } progress || !_exchange.Take(missing)) return;
        progress.ComputeAgain(missing.Shards);

        // Elsewhere: it may be that one's way to the parameter server that is cut.
        AssignUnassigned(missing.Shards.Count == 0 ? null : progress.WhyUnassigned(missing.Shards[0])?.Worker, context);
    }

    void Reject(Step step, int attempt, IReadOnlyList<int> shards, ActorRef worker, string reason, IActorContext context)
    {
        if (_work.Progress is not { } progress || progress.Round != new Round(WorkKind.Train, step, 0) || _ending.HasBegun) return;
        var outcomes = shards.ToLookup(shard => progress.Reject(shard, attempt));
        if (outcomes[Rejection.SecondTime].Any())
        {
            var again = string.Join(", ", outcomes[Rejection.SecondTime]);
            Fail($"{step}, shard {again}: computed again by {worker.Name}, and still {reason}; a lower training.optimizer rate or training.clip may help", _steps.Applied, context);
            return;
        }

        var recomputed = outcomes[Rejection.Recompute].ToList();
        if (recomputed.Count == 0) return;
        Tell(new GradientRefused(step.Value, worker.Name, recomputed, reason), context);
        AssignUnassigned(worker, context);
    }

    void CompleteRound(IActorContext context)
    {
        if (_work.Progress is not { IsComplete: true } progress || _ending.HasBegun) return;
        if (progress.Round.Kind == WorkKind.Evaluate)
        {
            _validation!.Take(progress);
            _work.End();
            CompleteChunk(context);
        }
        else if (_exchange.IsSummed)
        {
            if (_steps.Apply(progress, context) is { } diverged) FailDiverged($"{progress.Round.Step}", diverged, context);
            else _work.End();
        }
    }

    void CompleteStep(IActorContext context)
    {
        _times.Complete(_steps.Applied.Next, _steps.Started, _members.Roster.Workers, context);
        Tell(_steps.Complete(_members.Roster.Count, context.Elapsed), context);
        var applied = _steps.Applied;
        _checkpoints.Applied(applied);
        var validates = _plan.ValidateEvery > 0 && applied.Value % _plan.ValidateEvery == 0 && _source.ValidationChunks > 0 && !_stopRequested && !_ending.HasBegun;

        // Where something depends on it, a checkpoint knows what the validation after its step has shown.
        if (!validates || !_best.IsAsked) CheckpointWhenDue(context);
        if (validates) BeginValidation(context);
        else GoOn(context);
    }

    void CheckpointWhenDue(IActorContext context)
    {
        if (IsOver || _ending.HasBegun || _checkpoints.IsBusy || !_clock.IsCheckpointDue(_steps.Applied, context.Elapsed)) return;
        _checkpoints.Request(Place, context);
        _clock.BeginCheckpoint(_steps.Applied, context.Elapsed);
    }

    void CompleteChunk(IActorContext context)
    {
        if (_validation!.IsComplete)
        {
            var completed = _best.Take(_validation.Complete(context.Elapsed));
            _clock.ValidationLoss = completed.ValidationLoss;
            Tell(completed, context);

            // The last step's weights have no next step that would show it.
            if (!(completed.ValidationLoss <= _plan.LossLimit))
            {
                FailDiverged($"validation after {_steps.Applied}", $"the loss is {Divergence.InWords(completed.ValidationLoss, _plan)}", context);
                return;
            }

            if (_best.IsAsked) CheckpointWhenDue(context);
        }

        GoOn(context);
    }

    void Stop(IActorContext context)
    {
        if (_stopRequested) return;
        _stopRequested = true;

        // A training step in work is seen to its end; anything else is dropped.
        var inStep = _exchange.IsApplying || (_members.Roster.Count > 0 && _members.IsAssembled && _work.Progress?.Round.Kind == WorkKind.Train);
        if (!inStep) GoOn(context);
    }

    /// <summary>Looks at every wait there is (<see cref="WaitLimits"/>).</summary>
    void CheckWaits(IActorContext context)
    {
        context.Schedule(_plan.Waits.Look, new Tick());
        if (_ending.IsOver)
        {
            _ending.Remind(context);
            return;
        }

        _servers.Check(context);
        if (_exchange.IsApplying || _work.Progress is { Round.Kind: WorkKind.Train, IsComplete: true })
            _exchange.Check(_work.Progress is { IsComputingAgain: true }, context);
        if (!_ending.HasBegun) _work.Check(StopAndLose, context);
        if (_checkpoints.Check(context))
        {
            if (_isHeld) throw new GenerationLostException($"the parameter servers have not handed over the best weights, those after {_steps.Applied}");
            _ending.Advance(context);
        }

        if (_checkpoints.IsBehind && !_exchange.IsApplying) _checkpoints.Request(Place, context);
        _ending.Check(context);
        GoOnHeld(context);
    }

    void FailDiverged(string where, string how, IActorContext context) => Fail(Divergence.Reason(where, how), _steps.Applied, context);

    void Fail(string reason, Step? divergedFrom, IActorContext context) => _ending.Fail(_steps.Applied.Next, reason, divergedFrom, context);
}
