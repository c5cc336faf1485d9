using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The coordinator's part that ends a run: waits for checkpoints, then tells how it ended.</summary>
/// <param name="run">The run directory, as it is shown.</param>
/// <param name="checkpoints">Gets the last checkpoint written.</param>
/// <param name="checkpointer">Who writes the result.</param>
/// <param name="recorder">Who is told.</param>
/// <param name="clock">What the run has counted.</param>
/// <param name="waits">How long the checkpointer may take.</param>
/// <param name="hosts">Other processes, which are told before everybody else that nothing is left to compute; not when the run is only interrupted.</param>
sealed class Ending(
    string run, CheckpointFlow checkpoints, ActorRef checkpointer, ActorRef recorder, RunClock clock, WaitLimits waits, Hosts hosts)
{
    readonly Overtime _checkpointer = new(waits.Checkpointer);
    Action<IActorContext>? _next;
    RunPlace _place;
    Step _step;
    bool _isEarly;
    string _reason = "";
    TrainingEvent? _end;
    bool _hasNoticed, _hasTold;

    /// <summary>True when the run is ending: no more rounds are begun.</summary>
    public bool HasBegun => _next is not null;

    /// <summary>True when it is known how the run ended: nothing is told any more but that, once all other processes have heard it.</summary>
    public bool IsOver => _end is not null;

    /// <summary>Ends after a last checkpoint because it was asked to.</summary>
    public void Interrupt(RunPlace place, IActorContext context) =>
        AfterCheckpoint(place, context, then =>
        {
            _end = new RunInterrupted(place.Step.Value, run, Checkpointed: checkpoints.LastWritten == place.Step);
            TellEnd(then);
        });

    /// <summary>Ends after a last checkpoint because the job is done; its weights, or the best ones where they are kept, become the run's result.</summary>
    /// <param name="place">Where the run stands.</param>
    /// <param name="isEarly">True when steps of the job are left out.</param>
    /// <param name="context">The coordinator's.</param>
    public void Finish(RunPlace place, bool isEarly, IActorContext context)
    {
        _isEarly = isEarly;
        AfterCheckpoint(place, context, then => Ask(new WriteResult(place.Step, place.Best), then));
    }

    /// <summary>Ends because training cannot go on.</summary>
    /// <param name="step">The step that failed.</param>
    /// <param name="reason">Why.</param>
    /// <param name="divergedFrom">Step whose weights led to divergence, so that its checkpoint is no place to go on from; null when none did.</param>
    /// <param name="context">The coordinator's.</param>
    public void Fail(Step step, string reason, Step? divergedFrom, IActorContext context)
    {
        if (HasBegun) return;
        (_step, _reason) = (step, reason);
        Await(then => Ask(new FindLastGood(divergedFrom), then), context);
    }

    /// <summary>Looks whether the wait for the checkpointer is over.</summary>
    public void Advance(IActorContext context)
    {
        if (_next is not { } next || checkpoints.IsBusy) return;
        _next = static _ => { };
        next(context);
    }

    /// <summary>Reports a checkpointer that does not answer. There is nothing else to do: only it can say how the run has ended.</summary>
    public void Check(IActorContext context)
    {
        if (_checkpointer.IsDue(context.Elapsed))
            context.Send(recorder, new Record(new Noticed($"the run is over; the disk has not answered for {_checkpointer.Words(context.Elapsed)}")));
    }

    /// <summary>The checkpointer has left the result, or could not.</summary>
    public void Take(ResultWritten result, IActorContext context)
    {
        if (result.WeightsSha256 is { } sha256)
        {
            var loss = _place.Best is null ? clock.ValidationLoss : _place.Validations!.BestLoss;
            Leave(
                new RunFinished(_step.Value, clock.TrainLoss, loss, clock.TokensPerSecond, clock.SecondsSinceStart(context.Elapsed), sha256, run)
                {
                    Best = _place.Best is null ? null : BestValidation.Of(_place.Validations),
                    StoppedEarly = _isEarly ? true : null,
                },
                "the run is done", context);
            return;
        }

        _reason = $"the result could not be written: {result.Failure}";
        Ask(new FindLastGood(DivergedFrom: null), context);
    }

    /// <summary>The checkpointer has looked for what is left.</summary>
    public void Take(LastGoodCheckpoint last, IActorContext context) =>
        Leave(
            new RunFailed(_step.Value, last.Failure is null ? _reason : $"{_reason}; the checkpoints could not be read: {last.Failure}", last.Path),
            $"the run failed: {_reason}", context);

    /// <summary>Once the run is over: tells other processes again that it is, and ends when all have heard it or had the time to.</summary>
    public void Remind(IActorContext context)
    {
        if (_hasTold) return;
        if (!_hasNoticed)
        {
            _hasNoticed = true;
            context.Send(recorder, new Record(new Noticed($"the run is over; waiting at most {Attendance.ReturnLimit.TotalSeconds:0} s for processes that have not heard of it ({hosts.Awaited(context)})")));
        }

        hosts.Tell(context);
        TellWhenAllHaveHeard(context);
    }

    /// <summary>Once the run is over: ends when all other processes have heard it or had the time to.</summary>
    public void TellWhenAllHaveHeard(IActorContext context)
    {
        if (hosts.Awaited(context) == 0) TellEnd(context);
    }

    /// <summary>Once the run is over: waits for nobody any more.</summary>
    public void TellEnd(IActorContext context)
    {
        if (_hasTold) return;
        _hasTold = true;
        context.Send(recorder, new Record(_end!));
    }

    void Leave(TrainingEvent end, string how, IActorContext context)
    {
        _end = end;
        _checkpointer.End();
        hosts.End(how, failed: end is RunFailed, context);
        TellWhenAllHaveHeard(context);
    }

    void AfterCheckpoint(RunPlace place, IActorContext context, Action<IActorContext> then)
    {
        if (HasBegun) return;
        (_place, _step) = (place, place.Step);
        Await(
            ready =>
            {
                // One that was being written when the end came may have been of an earlier step.
                checkpoints.Request(place, ready);
                Await(then, ready);
            },
            context);
    }

    void Ask(Message question, IActorContext context)
    {
        _checkpointer.Begin(context.Elapsed);
        context.Send(checkpointer, question);
    }

    void Await(Action<IActorContext> next, IActorContext context)
    {
        _next = next;
        Advance(context);
    }
}
