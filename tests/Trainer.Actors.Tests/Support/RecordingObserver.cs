using System.Collections.Concurrent;

namespace LstmCluster.Actors.Tests;

sealed class RecordingObserver : IActorObserver
{
    public ConcurrentQueue<(ActorRef Actor, Message Message)> UnhandledMessages { get; } = new();

    public ConcurrentQueue<(ActorRef? Sender, ActorRef Target, Message Message)> DeadLetters { get; } = new();

    public ConcurrentQueue<(ActorRef Actor, Exception Failure, Directive Directive)> Failures { get; } = new();

    public ConcurrentQueue<(ActorRef Actor, int Restarts)> Restarts { get; } = new();

    public Action? OnFailed { get; set; }

    public void Unhandled(ActorRef actor, Message message) => UnhandledMessages.Enqueue((actor, message));

    public void DeadLetter(ActorRef? sender, ActorRef target, Message message) => DeadLetters.Enqueue((sender, target, message));

    public void Failed(ActorRef actor, Exception failure, Directive directive)
    {
        Failures.Enqueue((actor, failure, directive));
        OnFailed?.Invoke();
    }

    public void Restarted(ActorRef actor, int restarts) => Restarts.Enqueue((actor, restarts));
}
