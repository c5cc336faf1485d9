using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Stands where the coordinator was when there will be no other one, and tells whoever comes that the run has failed; then it tells the keeper that all have heard.</summary>
/// <param name="reason">Why the run failed.</param>
/// <param name="term">The last reign.</param>
/// <param name="attendance">Who took part.</param>
/// <param name="keeper">Who is told that all have heard, or have had the time.</param>
sealed class LastWord(string reason, Term term, Attendance attendance, ActorRef keeper) : IActor
{
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    readonly Hosts _hosts = new(job: null, term, attendance);
    bool _hasTold;

    /// <inheritdoc/>
    public ValueTask StartedAsync(IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _hosts.Begin(context);
        _hosts.End($"the run failed: {reason}", failed: true, context);
        LookWhoIsAway(context);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        switch (message)
        {
            case AskForJob asked: Answer(asked, context); break;
            case Terminated gone: _hosts.Forget(gone, context); TellKeeper(context); break;
            case Tick: _hosts.Tell(context); LookWhoIsAway(context); break;
            default: return context.Unhandled(message);
        }

        return ValueTask.CompletedTask;
    }

    void Answer(AskForJob asked, IActorContext context)
    {
        try
        {
            _hosts.Answer(asked, servers: null, context);
        }
        catch (MailboxFullException)
        {
            // It asks again, or goes.
        }
    }

    void LookWhoIsAway(IActorContext context)
    {
        TellKeeper(context);
        if (!_hasTold) context.Schedule(Look, new Tick());
    }

    void TellKeeper(IActorContext context)
    {
        if (_hasTold || _hosts.Awaited(context) > 0) return;
        _hasTold = true;
        context.Send(keeper, new AllHaveHeard());
    }

    sealed record Tick : Message;
}

/// <summary>Everybody who took part knows that the run has ended, or has had the time to ask.</summary>
sealed record AllHaveHeard : Message;
