namespace LstmCluster.Actors;

/// <summary>How a cell starts, fails, restarts and stops.</summary>
sealed partial class ActorCell
{
    /// <summary>Crashes this actor and all below it: from now on none of them takes or sends a message.</summary>
    /// <remarks>Only for a runtime in which no turn is under way on another thread.</remarks>
    /// <param name="failure">What watchers hear.</param>
    /// <param name="moment">When, on the clock that the runtime's deliveries go by.</param>
    public void Kill(Exception failure, TimeSpan moment)
    {
        if (_life is Life.Stopping or Life.Stopped) return;
        KilledAt ??= moment;
        _life = Life.Failed;
        foreach (var child in _children) child.Kill(failure, moment);
        Post(new SystemMessage.Stop(failure));
    }

    async ValueTask BeginAsync()
    {
        _life = Life.Starting;
        try
        {
            _actor = _create();
            await _actor.StartedAsync(_context).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            Fail(failure);
        }

        // A failure or a kill has moved it on already.
        if (_life == Life.Starting) _life = Life.Running;
    }

    async ValueTask RenewAsync()
    {
        DisposeActor();
        await BeginAsync().ConfigureAwait(false);
        if (_life == Life.Running) Runtime.ReportRestarted(this, _restarts.Count);
    }

    void Fail(Exception failure)
    {
        if (_life is not (Life.Starting or Life.Running))
        {
            Runtime.ReportFailed(this, failure, Directive.Stop);
            return;
        }

        var directive = Choose(ref failure);
        Runtime.ReportFailed(this, failure, directive);
        switch (directive)
        {
            case Directive.Resume:
                break;
            case Directive.Restart:
                Restart();
                break;
            default:
                _life = Life.Failed;
                Post(new SystemMessage.Stop(failure, Escalate: directive == Directive.Escalate));
                break;
        }
    }

    Directive Choose(ref Exception failure)
    {
        Directive directive;
        try
        {
            directive = Options.Supervision.Decide(failure);
        }
        catch (Exception broken)
        {
            // Supervision that fails cannot be trusted with this actor: whoever made it has to know.
            failure = new AggregateException($"the supervision of {Path} failed", failure, broken);
            return Directive.Escalate;
        }

        return directive switch
        {
            // An actor that did not start has no state to go on with.
            Directive.Resume when _life == Life.Starting => Directive.Stop,
            Directive.Restart when !_restarts.TryRestart(Runtime.Elapsed) => Directive.Stop,
            _ => directive,
        };
    }

    /// <summary>The new actor inherits the mailbox and the address only: children, timers and watches go with the old one.</summary>
    void Restart()
    {
        _life = Life.Restarting;
        _watched.Clear();
        CancelTimers();
        StopChildren();
        if (_children.Count == 0) Post(SystemMessage.Renew.Instance);
    }

    void Stop(SystemMessage.Stop reason)
    {
        _life = Life.Stopping;
        _reason = reason;
        _watched.Clear();
        CancelTimers();
        _mailbox.Close();
        while (_mailbox.TryTake(out var envelope))
        {
            // The message of a timer was released when the timer was cancelled.
            if (envelope.Timer is null) Runtime.DeadLetter(envelope.Sender, this, envelope.Message);
        }

        StopChildren();
        if (_children.Count == 0) Finish();
    }

    void StopChildren()
    {
        foreach (var child in _children) child.Post(SystemMessage.Stop.InOrder);
    }

    void ChildStopped(SystemMessage.ChildStopped message)
    {
        _children.Remove(message.Child);
        switch (_life)
        {
            case Life.Running when message.Escalated is { } failure:
                Fail(failure);
                break;
            case Life.Restarting when _children.Count == 0:
                Post(SystemMessage.Renew.Instance);
                break;
            case Life.Stopping when _children.Count == 0:
                Finish();
                break;
        }
    }

    void Finish()
    {
        DisposeActor();
        _life = Life.Stopped;

        // The name is free before anybody hears of the end, so that whoever hears of it can use it again.
        Runtime.Forget(this);
        var escalated = _reason.Escalate ? _reason.Failure : null;
        if (Parent is not null) Parent.Post(new SystemMessage.ChildStopped(this, escalated));
        else if (escalated is not null) Runtime.Fault(escalated);
        foreach (var watcher in _watchers) Notify(watcher);
        _watchers.Clear();
        _stopped.SetResult();
    }

    void DisposeActor()
    {
        var actor = _actor;
        _actor = null;
        try
        {
            (actor as IDisposable)?.Dispose();
        }
        catch (Exception failure)
        {
            // It is going anyway; all that is left to do is to say so.
            Runtime.ReportFailed(this, failure, Directive.Stop);
        }
    }
}
