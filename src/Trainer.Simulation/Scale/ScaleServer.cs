using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>Offers its machine for a part of the parameters, as <see cref="ParameterServerHost"/> does, and keeps that part of the numbers that stand for the model.</summary>
/// <param name="coordinator">Whom it offers itself to.</param>
/// <param name="tree">The reduction tree.</param>
/// <param name="pool">Where payloads are rented.</param>
/// <param name="served">Told which part is kept, and by whom.</param>
sealed class ScaleServer(ActorRef coordinator, ShardTree tree, PayloadPool pool, Action<ParameterServerAddress> served) : IActor
{
    /// <inheritdoc/>
    public ValueTask StartedAsync(IActorContext context)
    {
        context.Send(coordinator, new AskForJob(context.Self, HostRole.ParameterServer));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        switch (message)
        {
            case ServeParameters serve: Serve(serve, context); break;
            case RunEnded: context.Stop(context.Self); break;
            default: return context.Unhandled(message);
        }

        return ValueTask.CompletedTask;
    }

    void Serve(ServeParameters serve, IActorContext context)
    {
        serve.Job.Release();
        var part = new ParameterStart(serve.Slice, new WeightVersion(serve.Step.Value), serve.Weights, serve.OptimizerState);
        var slice = new ParameterSlice(serve.Slice, [serve.Slice]);
        var rule = new UpdateRule(new Sgd(0, 0), ParameterRates.Uniform(serve.Slice.End));
        var state = new ParameterState(CpuDevice.Create(), rule, slice, part, pool);
        var actor = new ParameterServer(state, tree, coordinator, serve.Term, pool);
        var server = context.Spawn("parameter-server", () => actor, new ActorOptions
        {
            MailboxCapacity = MailboxRoom.OfParameterServer(tree.Shards, buckets: 1),
            Supervision = Supervision.EscalateOnFailure,
        });
        context.Send(coordinator, new ParametersServed(context.Self, server, serve.Slice) { Term = serve.Term });
        served(new ParameterServerAddress(server, serve.Slice));
    }
}
