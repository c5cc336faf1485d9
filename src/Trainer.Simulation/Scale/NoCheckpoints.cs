using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Simulation;

/// <summary>In the place of the checkpointer: says that all is written, and writes nothing.</summary>
/// <param name="coordinator">Who is told.</param>
sealed class NoCheckpoints(ActorRef coordinator) : IActor
{
    /// <inheritdoc/>
    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        switch (message)
        {
            case WriteCheckpoint write:
                write.Release();
                context.Send(coordinator, new CheckpointDone(write.Step, "nowhere", TimeSpan.Zero));
                break;
            case WriteResult:
                context.Send(coordinator, new ResultWritten("none", Failure: null));
                break;
            default:
                return context.Unhandled(message);
        }

        return ValueTask.CompletedTask;
    }
}
