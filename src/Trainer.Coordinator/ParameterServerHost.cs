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
    readonly HostBond _bond = new(start, HostRole.ParameterServer);
    ParametersServed? _served;

    /// <inheritdoc/>
    public ValueTask StartedAsync(IActorContext context)
    {
        _bond.Begin(context);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (_bond.IsOfAnotherTerm(message)) return context.Unhandled(message);
        if (message is ServeParameters serve) Serve(serve, context);
        else if (!_bond.Takes(message, context))
        {
            if (message is not Terminated gone) return context.Unhandled(message);
            _bond.End(HostEndKind.Lost, $"the parameter server has ended: {gone.Failure?.Message ?? "it was stopped"}", context);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Tells why it ended; the parameter server is gone by then.</summary>
    public void Dispose() => _bond.Close();

    void Serve(ServeParameters serve, IActorContext context)
    {
        // Asked again, since the answer was lost.
        if (_served is not null)
        {
            serve.Release();
            if (_served.Slice == serve.Slice) context.SendOrLose(start.Coordinator, _served);
            return;
        }

        if (!_bond.TryServe(serve.Term, context))
        {
            serve.Release();
            return;
        }

        if (Read(serve, context) is not { } job) return;
        var server = Spawn(serve, job.Package, job.Parameters, context);
        context.Watch(server);
        _served = new ParametersServed(context.Self, server, serve.Slice) { Term = serve.Term };
        context.SendOrLose(start.Coordinator, _served);
    }

    /// <returns>Null when the job is none that parameters can be kept for here; the host ends, and the message is given back.</returns>
    (JobPackage Package, ParameterLayout Parameters)? Read(ServeParameters serve, IActorContext context)
    {
        try
        {
            var package = JobPackage.Parse(serve.Job.Span);
            return (package, modelOf(package).Parameters);
        }
        catch (MessageFormatException malformed)
        {
            _bond.End(HostEndKind.Lost, $"what it gives to keep cannot be read: {malformed.Message}", context);
        }
        catch (UserErrorException unknown)
        {
            // Of another version, most likely: it will say the same again.
            _bond.End(HostEndKind.Failed, $"the coordinator's job is none that parameters can be kept for here: {unknown.Message}", context);
        }

        serve.Release();
        return null;
    }

    ActorRef Spawn(ServeParameters serve, JobPackage package, ParameterLayout parameters, IActorContext context)
    {
        serve.Job.Release();
        var training = package.Job.Training;
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
}
