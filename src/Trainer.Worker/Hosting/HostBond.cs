using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>What ties a host to its coordinator, whatever it does for it: it asks until it is given something to do, belongs to that reign from then on, and ends when the run or the coordinator does.</summary>
/// <param name="start">Whom the host serves, and how.</param>
/// <param name="role">What the host offers to be.</param>
public sealed class HostBond(HostStart start, HostRole role)
{
    /// <summary>Time that word of the run's end has to arrive after the coordinator, or a parameter server, has stopped.</summary>
    static readonly TimeSpan LastWordLimit = TimeSpan.FromMilliseconds(500);

    static readonly TimeSpan FirstAskWait = TimeSpan.FromMilliseconds(250), LongestAskWait = TimeSpan.FromSeconds(2);

    readonly Backoff _asking = new(FirstAskWait, LongestAskWait);
    Term? _term;
    HostEnd? _end;

    /// <summary>True once the host has been given something to do.</summary>
    public bool IsServing => _term is not null;

    /// <summary>Begins to watch and to ask the coordinator.</summary>
    public void Begin(IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Watch(start.Coordinator);
        Ask(context);
    }

    /// <summary>True for what is said in another reign than the one that the host serves.</summary>
    public bool IsOfAnotherTerm(Message message) => _term is { } term && message is ClusterMessage said && said.Term != term;

    /// <summary>The coordinator has given the host something to do: it asks no more, and serves that reign.</summary>
    /// <param name="term">The reign.</param>
    /// <param name="context">The host's.</param>
    /// <returns>False when the process has seen a later reign; the host ends.</returns>
    public bool TryServe(Term term, IActorContext context)
    {
        if (!start.Terms.Admits(term))
        {
            End(HostEndKind.Lost, $"{term} is over: {start.Terms.Highest} has begun", context);
            return false;
        }

        _term = term;
        return true;
    }

    /// <summary>Deals with what concerns the bond.</summary>
    /// <param name="message">What has come, of the host's own reign.</param>
    /// <param name="context">The host's.</param>
    /// <returns>False when it is the host's to deal with.</returns>
    public bool Takes(Message message, IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        switch (message)
        {
            case RunEnded over when !IsServing && !start.Terms.Admits(over.Term): End(HostEndKind.Lost, "its term is over", context); break;
            case RunEnded over: End(over.Failed ? HostEndKind.RunFailed : HostEndKind.RunEnded, over.How, context); break;
            case AskDue: if (!IsServing) Ask(context); break;
            case Terminated { Failure: null } gone when gone.Actor == start.Coordinator: EndUnlessTold("it has stopped", context); break;
            case Terminated gone when gone.Actor == start.Coordinator: context.Send(context.Self, new Gone(gone.Failure!.Message)); break;
            case Gone gone: End(HostEndKind.Lost, gone.Reason, context); break;
            default: return false;
        }

        return true;
    }

    /// <summary>Ends the host as one that has lost its coordinator, unless word comes that the run is over: what was said before is in the mailbox or, behind a message whose payloads have not come, still on its way.</summary>
    public static void EndUnlessTold(string reason, IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Schedule(LastWordLimit, new Gone(reason));
    }

    /// <summary>Ends the host. The first reason counts.</summary>
    public void End(HostEndKind kind, string reason, IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (_end is not null) return;
        _end = new HostEnd(kind, reason);
        context.Stop(context.Self);
    }

    /// <summary>Tells why the host ended; all of it is gone by then.</summary>
    public void Close() => start.Ended(_end ?? new HostEnd(HostEndKind.Lost, "it was stopped"));

    void Ask(IActorContext context)
    {
        context.SendOrLose(start.Coordinator, new AskForJob(context.Self, role) { Endpoint = start.Endpoint });
        context.Schedule(_asking.Next(), new AskDue());
    }

    sealed record AskDue : Message;

    sealed record Gone(string Reason) : Message;
}
