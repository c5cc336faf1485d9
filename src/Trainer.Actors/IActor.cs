namespace LstmCluster.Actors;

/// <summary>State that only its own messages touch, one at a time.</summary>
/// <remarks>An actor that implements <see cref="IDisposable"/> is disposed when it stops, and before a restart replaces it.</remarks>
public interface IActor
{
    /// <summary>Runs once before the first message, and once more after each restart.</summary>
    ValueTask StartedAsync(IActorContext context) => ValueTask.CompletedTask;

    /// <summary>Handles one message. An exception goes to the supervision of the actor (<see cref="ActorOptions.Supervision"/>).</summary>
    /// <remarks>The actor owns the payload references of what it received, also when it fails: the runtime does not release them.</remarks>
    ValueTask ReceiveAsync(Message message, IActorContext context);
}
