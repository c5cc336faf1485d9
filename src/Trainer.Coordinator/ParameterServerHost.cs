using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Keeps a part of the parameters for a run of another process: offers itself, and starts a parameter server when it is given a part.</summary>
/// <remarks>
/// It lives for one connection to one coordinator, in one reign, and keeps what it was given first. One that is not needed goes on offering itself: the next
/// generation may need it.
/// </remarks>
/// <param name="start">Whom it serves, and how.</param>
/// <param name="modelOf">Makes the model of a job.</param>
/// <param name="device">Makes what updates.</param>
public sealed class ParameterServerHost(HostStart start, Func<JobPackage, Model> modelOf, Func<IDevice> device) : IActor, IDisposable
{
    static readonly TimeSpan FirstAskWait = TimeSpan.FromMilliseconds(250), LongestAskWait = TimeSpan.FromSeconds(2);

    readonly Backoff _asking = new(FirstAskWait, LongestAskWait);
    ParametersServed? _served;
    HostEnd? _end;

    /// <inheritdoc/>
    public ValueTask StartedAsync(IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Watch(start.Coordinator);
        Ask(context);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (message is ClusterMessage said && _served is not null && said.Term != _served.Term) return context.Unhandled(message);
        switch (message)
        {
            case ServeParameters serve: Serve(serve, context); break;
            case RunEnded over when _served is null && !start.Terms.Admits(over.Term): End(HostEndKind.Lost, "its term is over", context); break;
            case RunEnded over: End(over.Failed ? HostEndKind.RunFailed : HostEndKind.RunEnded, over.How, context); break;
            case AskDue when _served is null: Ask(context); break;
            case AskDue: break;

            // The run may be over, and word of it still on its way.
            case Terminated { Failure: null } gone when gone.Actor == start.Coordinator: context.Schedule(WorkerHost.LastWordLimit, new Gone("it has stopped")); break;
            case Terminated gone when gone.Actor == start.Coordinator: context.Send(context.Self, new Gone(gone.Failure!.Message)); break;
            case Terminated gone: End(HostEndKind.Lost, $"the parameter server has ended: {gone.Failure?.Message ?? "it was stopped"}", context); break;
            case Gone gone: End(HostEndKind.Lost, gone.Reason, context); break;
            default: return context.Unhandled(message);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Tells why it ended; the parameter server is gone by then.</summary>
    public void Dispose() => start.Ended(_end ?? new HostEnd(HostEndKind.Lost, "it was stopped"));

    void Ask(IActorContext context)
    {
        context.SendOrLose(start.Coordinator, new AskForJob(context.Self, HostRole.ParameterServer) { Endpoint = start.Endpoint });
        context.Schedule(_asking.Next(), new AskDue());
    }

    void Serve(ServeParameters serve, IActorContext context)
    {
        // Asked again, since the answer was lost.
        if (_served is not null)
        {
            serve.Release();
            if (_served.Slice == serve.Slice) context.SendOrLose(start.Coordinator, _served);
            return;
        }

        if (!start.Terms.Admits(serve.Term))
        {
            serve.Release();
            End(HostEndKind.Lost, $"{serve.Term} is over: {start.Terms.Highest} has begun", context);
            return;
        }

        var server = Spawn(serve, context);
        context.Watch(server);
        _served = new ParametersServed(context.Self, server, serve.Slice) { Term = serve.Term };
        context.SendOrLose(start.Coordinator, _served);
    }

    ActorRef Spawn(ServeParameters serve, IActorContext context)
    {
        var package = JobPackage.Parse(serve.Job.Span);
        serve.Job.Release();
        var (parameters, training) = (modelOf(package).Parameters, package.Job.Training);
        var part = new ParameterStart(serve.Slice, new WeightVersion(serve.Step.Value), serve.Weights, serve.OptimizerState);
        var state = new ParameterState(device(), UpdateMapping.Of(training, parameters), ParameterSlice.Of(parameters.Length, serve.Slice), part, start.Pool);

        // Made at once: the part has been handed over to it, whether it comes to start or not.
        var server = new ParameterServer(state, new ShardTree(training.Shards), start.Coordinator, serve.Term, start.Pool, training.Gradients);
        return context.Spawn(
            "parameter-server", () => server,
            new ActorOptions
            {
                MailboxCapacity = MailboxRoom.OfParameterServer(training.Shards, state.Slice.Buckets.Count),
                OwnThread = true,
                Supervision = GoingOnWithout(serve.Term, context),
            });
    }

    /// <summary>A receiver that takes no more is the coordinator's to deal with; anything else ends the server, and the coordinator sees it go.</summary>
    Supervision GoingOnWithout(Term term, IActorContext context) => new(
        failure =>
        {
            if (failure is not MailboxFullException { RefusedBy: { } receiver }) return Directive.Stop;
            context.SendOrLose(start.Coordinator, new ReceiverOverrun(receiver, failure.Message) { Term = term });
            return Directive.Resume;
        },
        0, TimeSpan.MaxValue);

    void End(HostEndKind kind, string reason, IActorContext context)
    {
        if (_end is not null) return;
        _end = new HostEnd(kind, reason);
        context.Stop(context.Self);
    }

    sealed record AskDue : Message;

    sealed record Gone(string Reason) : Message;
}
