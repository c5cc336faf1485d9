using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Keeps a run going: starts a coordinator, and when that one's <i>generation</i> is lost the next one, from the newest checkpoint and with the next term.</summary>
/// <remarks>
/// Workers of other processes see their coordinator go and look for the next one under the same path. Events pass through here, so that those of one
/// generation are told before the next one begins, and the end of the run is told once.
/// </remarks>
/// <param name="generations">Makes coordinators.</param>
/// <param name="first">Term of the first one, which has begun.</param>
/// <param name="reign">Makes who gives the later terms, from the keeper's address.</param>
/// <param name="recorder">Who is told of events.</param>
/// <param name="attendance">Which other processes take part, as the coordinators note it; null where none can.</param>
public sealed class RunKeeper(IGenerations generations, Term first, Func<ActorRef, IActor> reign, ActorRef recorder, Attendance? attendance = null) : IActor, IDisposable
{
    /// <summary>Generations that may end one after the other without a step done.</summary>
    public const int MostFruitless = 5;

    static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    ActorRef _self = null!, _reign = null!;
    ActorRef? _coordinator;
    Generation? _generation;
    Term _term;
    string? _lost;
    RunFailed? _failed;
    long _step;
    int _fruitless;
    bool _stopRequested, _over;

    /// <inheritdoc/>
    public ValueTask StartedAsync(IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _self = context.Self;
        _reign = context.Spawn("reign", () => reign(_self), new ActorOptions { Supervision = Supervision.EscalateOnFailure });
        Begin(first, context);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        switch (message)
        {
            case Record record: Pass(record, context); break;
            case RecordWork work when !_over: context.Send(recorder, work); break;
            case RecordWork: break;
            case ReceiverOverrun or ReportStatus: Forward(message, context); break;
            case AllHaveHeard when _failed is not null && !_over: Finish(_failed, context); break;
            case AllHaveHeard: break;
            case StopTraining when _failed is not null && !_over: Finish(_failed, context); break;
            case StopTraining stop: _stopRequested = true; Forward(stop, context); break;

            // What it told before it went is still in the mailbox.
            case Terminated gone when gone.Actor == _coordinator: context.Send(_self, new CoordinatorGone(gone.Failure)); break;
            case CoordinatorGone gone: End(gone.Failure, context); break;
            case TermBegun begun: Begin(begun.Term, context); break;
            case TermNotBegun refused: Lose($"no term could be begun: {refused.Reason}", context); break;
            case Deposed deposed: Depose(deposed.Reason, context); break;
            case TryAgain: context.Send(_reign, new BeginTerm()); break;
            default: return context.Unhandled(message);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Gives back what the generation holds; its coordinator is gone by then.</summary>
    public void Dispose() => _generation?.Dispose();

    void Begin(Term term, IActorContext context)
    {
        if (_over) return;
        _term = term;
        try
        {
            _generation = generations.Begin(term, _self);
        }
        catch (DeposedException deposed)
        {
            Depose(deposed.Message, context);
            return;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Lose($"the run directory cannot be used: {error.Message}", context);
            return;
        }

        _step = _generation.Start.Value;
        if (_lost is not null) Tell(new RunRestarted(_step, term.Value, _lost), context);
        foreach (var happened in _generation.Events) Tell(happened, context);
        _coordinator = context.Spawn(ActorNames.Coordinator, _generation.CreateCoordinator, new ActorOptions { MailboxCapacity = MailboxRoom.OfCoordinator, Supervision = Supervising(context) });
        context.Watch(_coordinator);
        if (_stopRequested) context.Send(_coordinator, new StopTraining());
    }

    /// <summary>A generation may be lost, and a receiver in another process that takes no more is the coordinator's to deal with; anything else ends the run.</summary>
    Supervision Supervising(IActorContext context) => new(
        failure =>
        {
            switch (failure)
            {
                case GenerationLostException or DeposedException:
                    return Directive.Stop;
                case MailboxFullException { RefusedBy: { } receiver }:
                    context.Send(_self, new ReceiverOverrun(receiver, failure.Message));
                    return Directive.Resume;
                default:
                    return Directive.Escalate;
            }
        },
        0, TimeSpan.MaxValue);

    void Pass(Record record, IActorContext context)
    {
        if (_over) return;
        switch (record.Event)
        {
            // Of a generation that is gone, and overtaken by its end.
            case StepCompleted step when step.Step != _step + 1: return;
            case StepCompleted step: (_step, _fruitless) = (step.Step, 0); break;
            case RunFinished or RunInterrupted or RunFailed: _over = true; break;
        }

        context.Send(recorder, record);
    }

    void Forward(Message message, IActorContext context)
    {
        // Nobody is there who could overrun anybody; a stop is said to the next one.
        if (_coordinator is not null) context.Send(_coordinator, message);
    }

    void End(Exception? failure, IActorContext context)
    {
        _coordinator = null;
        _generation?.Dispose();
        _generation = null;
        if (_over) return;
        if (failure is DeposedException) Depose(failure.Message, context);
        else Lose(failure?.Message ?? "the coordinator was stopped", context);
    }

    void Lose(string reason, IActorContext context)
    {
        if (_over) return;
        _lost = reason;
        if (++_fruitless < MostFruitless)
        {
            // At once where there is hope; whatever fails before it begins needs a moment.
            if (_fruitless == 1) context.Send(_reign, new BeginTerm());
            else context.Schedule(RetryDelay, new TryAgain());
            return;
        }

        Fail($"{MostFruitless} times in a row the run could not do a step before it had to start anew, the last time because {reason}", context);
    }

    void Fail(string reason, IActorContext context)
    {
        string? newest = null;
        try
        {
            newest = generations.NewestCheckpoint();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            reason = $"{reason}; the checkpoints could not be read: {error.Message}";
        }

        _failed = new RunFailed(_step + 1, reason, newest);
        if (attendance is null) Finish(_failed, context);
        else context.Spawn(ActorNames.Coordinator, () => new LastWord(reason, _term, attendance, _self), new ActorOptions { Supervision = Supervision.EscalateOnFailure });
    }

    void Depose(string reason, IActorContext context)
    {
        if (_over) return;
        if (_coordinator is not null) context.Stop(_coordinator);
        Finish(new RunDeposed(_step, _term.Value, reason), context);
    }

    void Finish(TrainingEvent end, IActorContext context)
    {
        _over = true;
        Tell(end, context);
    }

    void Tell(TrainingEvent happened, IActorContext context) => context.Send(recorder, new Record(happened));

    sealed record CoordinatorGone(Exception? Failure) : Message;

    sealed record TryAgain : Message;
}
